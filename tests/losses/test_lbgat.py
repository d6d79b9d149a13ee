import math

import pytest
import torch

from custom.inferers import AdversarialLogits
from custom.losses import LBGATLoss

CLEAN, ADVERSARIAL = torch.tensor([[0.0, 0.0]]), torch.tensor([[math.log(4), 0.0]])
TEACHER = torch.tensor([[math.log(3), 1.0]])


def test_by_hand():
    logits = AdversarialLogits(CLEAN, ADVERSARIAL, {"teacher": TEACHER})
    teacher = math.log(3 + math.e) - math.log(3)
    squares = (math.log(4 / 3) ** 2 + 1) / 2
    divergence = 0.5 * math.log(25 / 16)
    assert LBGATLoss()(logits, torch.tensor([0])).item() == pytest.approx(teacher + squares, abs=1e-6)
    expected = teacher + squares + 6 * divergence
    assert LBGATLoss(beta=6.0)(logits, torch.tensor([0])).item() == pytest.approx(expected, abs=1e-6)
    assert not LBGATLoss().needs_clean
    assert LBGATLoss(beta=6.0).needs_clean


def test_the_squared_error_moves_teacher_and_network():
    teacher, adversarial = TEACHER.clone().requires_grad_(), ADVERSARIAL.clone().requires_grad_()
    logits = AdversarialLogits(None, adversarial, {"teacher": teacher})
    LBGATLoss().parts(logits, torch.tensor([0]))["loss_mse"].backward()
    torch.testing.assert_close(adversarial.grad, ADVERSARIAL - TEACHER)
    torch.testing.assert_close(teacher.grad, TEACHER - ADVERSARIAL)


def test_the_teacher_is_needed():
    with pytest.raises(ValueError, match="LBGAT needs the teacher's logits"):
        LBGATLoss()(AdversarialLogits(CLEAN, ADVERSARIAL), torch.tensor([0]))


def test_bad_beta():
    with pytest.raises(ValueError, match="beta must be a number of at least 0, got -6"):
        LBGATLoss(beta=-6)
