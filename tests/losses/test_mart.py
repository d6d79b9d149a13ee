import math

import numpy as np
import pytest
import torch
from scipy.special import softmax

from custom.inferers import AdversarialLogits
from custom.losses import MARTLoss

CLEAN, ADVERSARIAL = (torch.from_numpy(part) for part in np.random.default_rng(2).normal(size=(2, 6, 3)) * 2)
LABELS = torch.arange(6) % 3


def test_by_hand():
    # p = (1/2, 1/4, 1/4) and q = (1/4, 1/2, 1/4), class 0: the boosted cross-entropy is log 4 - log(1 - 1/2), the
    # divergence 1/2 log 2 - 1/4 log 2, and 1 - p_0 = 1/2.
    logits = AdversarialLogits(torch.tensor([[2.0, 1, 1]]).log(), torch.tensor([[1.0, 2, 1]]).log())
    expected = math.log(4) + math.log(2) + 5 * 0.25 * math.log(2) * 0.5
    assert MARTLoss()(logits, torch.tensor([0])).item() == pytest.approx(expected, abs=1e-6)


def test_equals_the_formula_in_numpy():
    p, q, y = softmax(CLEAN.numpy(), 1), softmax(ADVERSARIAL.numpy(), 1), LABELS.numpy()
    rows = np.arange(6)
    wrong = q.copy()
    wrong[rows, y] = 0
    boosted = -np.log(q[rows, y]) - np.log(1 - wrong.max(1))
    divergence = (p * np.log(p / q)).sum(1) * (1 - p[rows, y])
    parts = MARTLoss().parts(AdversarialLogits(CLEAN, ADVERSARIAL), LABELS)
    assert parts["loss_adversarial"].item() == pytest.approx(boosted.mean(), abs=1e-12)
    assert parts["loss_kl"].item() == pytest.approx(divergence.mean(), abs=1e-12)
    total = MARTLoss(beta=3.0)(AdversarialLogits(CLEAN, ADVERSARIAL), LABELS)
    assert total.item() == pytest.approx(boosted.mean() + 3 * divergence.mean(), abs=1e-12)


def test_saturated_logits_give_a_finite_loss_and_gradient():
    adversarial = torch.tensor([[0.0, 200.0, 0.0], [200.0, 0.0, 0.0]], requires_grad=True)
    loss = MARTLoss()(AdversarialLogits(torch.zeros(2, 3), adversarial), torch.tensor([0, 0]))
    loss.backward()
    assert loss.isfinite()
    assert adversarial.grad.isfinite().all()
    # Surely wrong: -log p_0 = 200, and -log(1 - p_1) = 200 - log 2.
    parts = MARTLoss().parts(AdversarialLogits(torch.zeros(2, 3), adversarial), torch.tensor([0, 0]))
    assert parts["loss_adversarial"].item() == pytest.approx((400 - math.log(2)) / 2)


def test_bad_beta():
    with pytest.raises(ValueError, match="beta must be a number of at least 0, got -5"):
        MARTLoss(beta=-5)
