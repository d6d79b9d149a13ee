import math

import numpy as np
import pytest
import torch
from scipy.optimize import minimize_scalar

from custom.attacks import PGD
from custom.radius import image_losses, robust_upper_end


def test_by_hand():
    # Median 2, median absolute deviation 1; symmetric, so that the location is the median.
    assert robust_upper_end(torch.tensor([1.0, 2.0, 3.0])) == pytest.approx(2 + 3 * 1.4826)
    # Nothing spreads: no scale, and the location is where most are.
    assert robust_upper_end(torch.tensor([0.5, 0.5, 0.5, 9.0])) == 0.5


def test_the_location_minimizes_hubers_loss():
    losses = np.random.default_rng(0).exponential(size=201)
    losses[:5] += 40
    scale = 1.4826 * np.median(np.abs(losses - np.median(losses)))

    def huber(location):
        distance = np.abs(losses - location) / scale
        return np.where(distance <= 1.345, distance**2 / 2, 1.345 * (distance - 1.345 / 2)).sum()

    expected = minimize_scalar(huber, bounds=(0, 5), method="bounded", options={"xatol": 1e-10}).x
    assert robust_upper_end(torch.tensor(losses), scales=0) == pytest.approx(expected, abs=1e-6)
    assert expected < losses.mean() - 0.5  # the huge losses hardly count


@pytest.mark.parametrize("losses", [[], [1.0, math.nan], [math.inf]])
def test_losses_that_say_nothing(losses):
    with pytest.raises(ValueError, match="xi needs at least one loss, and finite ones"):
        robust_upper_end(torch.tensor(losses))


def test_losses_of_every_image_clean_and_attacked():
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Dropout(0.5)).train()  # logits are the two pixels
    even, sure = torch.full((1, 1, 1, 2), 0.5), torch.tensor([[[[1.0, 0.0]]]])
    batches = [
        {"image": torch.cat([even, even]), "label": torch.tensor([0, 1])},
        {"image": sure, "label": torch.tensor([0])},
    ]
    device = torch.device("cpu")
    losses = image_losses(network, batches, device)
    assert losses.tolist() == pytest.approx([math.log(2), math.log(2), math.log(1 + math.exp(-1))])
    assert network.training
    # A step of 0.1 along the gradient (-1, 1) / sqrt(2).
    attacked = image_losses(network, batches, device, PGD(epsilon=0.1, step_size=0.1, steps=1))
    moved = [math.log(1 + math.exp(0.1 * math.sqrt(2)))] * 2 + [math.log(1 + math.exp(-1 + 0.1 * math.sqrt(0.5)))]
    assert attacked.tolist()[:2] == pytest.approx(moved[:2], abs=1e-6)
    assert attacked[2] > losses[2]


def test_no_images():
    with pytest.raises(ValueError, match="No images found"):
        image_losses(torch.nn.Flatten(), [], torch.device("cpu"))
