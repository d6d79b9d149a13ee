import math

import numpy as np
import pytest
import torch
from scipy.special import log_softmax

from custom.inferers import AdversarialLogits
from custom.losses import CFALoss, TRADESLoss

CLEAN, ADVERSARIAL = (torch.from_numpy(part) for part in np.random.default_rng(1).normal(size=(2, 6, 3)))
LABELS = torch.arange(6) % 3
LOGITS = AdversarialLogits(CLEAN, ADVERSARIAL)


def test_by_hand():
    # p = (1/2, 1/2) and q = (4/5, 1/5), KL = 1/2 log(25/16); beta 1 for class 0 and 3 for class 1.
    logits = AdversarialLogits(torch.zeros(2, 2).double(), torch.tensor([[math.log(4), 0.0]] * 2).double())
    loss = CFALoss()
    loss.class_beta = torch.tensor([1.0, 3.0])
    divergence = math.log(25 / 16) / 2
    expected = ((math.log(2) + divergence) / 2 + (math.log(2) + 3 * divergence) / 4) / 2
    assert loss(logits, torch.tensor([0, 1])).item() == pytest.approx(expected, abs=1e-7)


def test_equals_the_formula_in_numpy():
    log_p, log_q = log_softmax(CLEAN.numpy(), 1), log_softmax(ADVERSARIAL.numpy(), 1)
    beta = np.array([0.0, 1.5, 6.0])[LABELS.numpy()]
    cross_entropy = -log_p[np.arange(6), LABELS.numpy()]
    divergence = (np.exp(log_p) * (log_p - log_q)).sum(1)
    loss = CFALoss()
    loss.class_beta = torch.tensor([0.0, 1.5, 6.0])
    expected = ((cross_entropy + beta * divergence) / (1 + beta)).mean()
    assert loss(LOGITS, LABELS).item() == pytest.approx(expected)


def test_with_one_beta_for_all_it_is_that_of_trades_divided_by_1_plus_beta():
    torch.testing.assert_close(CFALoss(beta=2.5)(LOGITS, LABELS), TRADESLoss(beta=2.5)(LOGITS, LABELS) / 3.5)


@pytest.mark.parametrize("name", ["beta", "label_smoothing"])
def test_bad_values(name):
    with pytest.raises(ValueError, match=f"{name} must be .*, got -1"):
        CFALoss(**{name: -1})
