import math

import pytest
import torch

from custom.attacks import PGD
from custom.radius import mean_attacked_loss

ATTACK = PGD(epsilon=0.0, step_size=0.1, steps=1, norm="l2")


def test_mean_over_images_not_over_batches():
    network = torch.nn.Flatten()  # logits are the two pixels
    even, sure = torch.zeros(1, 1, 1, 2), torch.tensor([[[[1.0, 0.0]]]])
    batches = [
        {"image": torch.cat([even, even]), "label": torch.tensor([0, 1])},
        {"image": sure, "label": torch.tensor([0])},
    ]
    expected = (2 * math.log(2) + math.log(1 + math.exp(-1))) / 3
    assert mean_attacked_loss(network, ATTACK, batches, torch.device("cpu")) == pytest.approx(expected, rel=1e-6)


def test_no_images():
    with pytest.raises(ValueError, match="no images to find xi with"):
        mean_attacked_loss(torch.nn.Flatten(), ATTACK, [], torch.device("cpu"))
