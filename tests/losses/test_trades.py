import math

import numpy as np
import pytest
import torch
from scipy.special import log_softmax

from custom.inferers import AdversarialLogits
from custom.losses import TRADESLoss

CLEAN, ADVERSARIAL = (torch.from_numpy(part) for part in np.random.default_rng(1).normal(size=(2, 6, 3)))
LABELS = torch.arange(6) % 3


def test_by_hand():
    # p = (1/2, 1/2) and q = (4/5, 1/5), class 0: log 2 + 6 * 1/2 log(25/16).
    logits = AdversarialLogits(torch.zeros(1, 2).double(), torch.tensor([[math.log(4), 0.0]]).double())
    expected = math.log(2) + 3 * math.log(25 / 16)
    assert TRADESLoss()(logits, torch.tensor([0])).item() == pytest.approx(expected, abs=1e-7)


def test_equals_the_formula_in_numpy():
    log_p, log_q = log_softmax(CLEAN.numpy(), 1), log_softmax(ADVERSARIAL.numpy(), 1)
    clean = -log_p[np.arange(6), LABELS.numpy()].mean()
    divergence = (np.exp(log_p) * (log_p - log_q)).sum(1).mean()
    loss = TRADESLoss(beta=2.5)
    assert loss(AdversarialLogits(CLEAN, ADVERSARIAL), LABELS).item() == pytest.approx(clean + 2.5 * divergence)
    parts = loss.parts(AdversarialLogits(CLEAN, ADVERSARIAL), LABELS)
    assert parts["loss_kl"].item() == pytest.approx(divergence)


def test_without_an_attack_it_is_the_cross_entropy():
    found = TRADESLoss()(AdversarialLogits(CLEAN, None), LABELS)
    torch.testing.assert_close(found, torch.nn.functional.cross_entropy(CLEAN, LABELS), rtol=0, atol=1e-15)


def test_the_gradient_flows_through_both_predictions():
    clean, adversarial = CLEAN.clone().requires_grad_(), ADVERSARIAL.clone().requires_grad_()
    TRADESLoss().parts(AdversarialLogits(clean, adversarial), LABELS)["loss_kl"].backward()
    assert clean.grad.abs().min() > 0
    # d KL(p, q) / d logits of q = q - p.
    torch.testing.assert_close(adversarial.grad, (ADVERSARIAL.softmax(1) - CLEAN.softmax(1)) / 6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"beta": -1.0}, "beta must be a number of at least 0, got -1.0"),
        ({"beta": "much"}, "beta must be a number of at least 0, got much"),
        ({"beta": float("nan")}, "beta must be a number of at least 0, got nan"),
        ({"label_smoothing": 1.0}, r"label_smoothing must be in \[0, 1\), got 1.0"),
    ],
)
def test_bad_values(arguments, message):
    with pytest.raises(ValueError, match=message):
        TRADESLoss(**arguments)


def test_clean_logits_are_needed():
    with pytest.raises(ValueError, match="needs the logits of the clean images"):
        TRADESLoss()(AdversarialLogits(None, ADVERSARIAL), LABELS)
