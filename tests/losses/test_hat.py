import math

import pytest
import torch

from custom.inferers import AdversarialLogits
from custom.losses import HATLoss, TRADESLoss

CLEAN, ADVERSARIAL = torch.tensor([[0.0, 0.0]]), torch.tensor([[math.log(4), 0.0]])
EXTRA = {"helper": torch.tensor([[0.0, math.log(3)]]), "helper_labels": torch.tensor([1])}


def test_by_hand():
    # log 2 + 2.5 * 1/2 log(25/16) + 0.5 log(4/3): the helper image has (1/4, 3/4), and the label 1.
    found = HATLoss()(AdversarialLogits(CLEAN, ADVERSARIAL, EXTRA), torch.tensor([0])).item()
    assert found == pytest.approx(math.log(2) + 1.25 * math.log(25 / 16) + 0.5 * math.log(4 / 3), abs=1e-6)


def test_without_helper_images_it_is_the_loss_of_trades():
    logits, labels = AdversarialLogits(CLEAN, ADVERSARIAL), torch.tensor([0])
    assert HATLoss()(logits, labels) == TRADESLoss(2.5)(logits, labels)


@pytest.mark.parametrize("name", ["beta", "gamma"])
def test_bad_weights(name):
    with pytest.raises(ValueError, match=f"{name} must be a number of at least 0, got -0.5"):
        HATLoss(**{name: -0.5})
