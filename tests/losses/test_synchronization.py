import json
import math
from pathlib import Path

import pytest
import torch
from scipy.spatial.distance import jensenshannon

from custom.losses import SynchronizationLoss

VECTORS = json.loads((Path(__file__).parents[1] / "fixtures" / "vectors.json").read_text())["losses"]


@pytest.mark.parametrize("case", VECTORS)
@pytest.mark.parametrize(("as_printed", "key"), [(False, "synchronization_js"), (True, "synchronization_as_printed")])
def test_check_numbers(case, as_printed, key):
    clean, adversarial = (torch.tensor(case[f"logits_{part}"], dtype=torch.float64) for part in ("clean", "adv"))
    found = SynchronizationLoss(as_printed)(clean, adversarial)
    assert found.item() == pytest.approx(case["expected"][key], abs=1e-12)


def test_equals_scipy():
    clean, adversarial = torch.randn(2, 5, 4, dtype=torch.float64)
    distances = jensenshannon(clean.softmax(1).numpy(), adversarial.softmax(1).numpy(), axis=1)
    assert SynchronizationLoss()(clean, adversarial).item() == pytest.approx((distances**2).mean(), abs=1e-12)


def test_zero_where_the_two_agree_and_log_2_where_they_are_disjoint():
    logits = torch.randn(50, 4, generator=torch.Generator().manual_seed(0))
    assert SynchronizationLoss()(logits, logits).item() == 0
    sure = torch.tensor([[200.0, 0.0, 0.0]])
    assert SynchronizationLoss()(sure, sure).item() == 0
    assert SynchronizationLoss()(sure, sure.flip(1)).item() == pytest.approx(math.log(2), abs=1e-6)


def test_descending_brings_the_predictions_together_and_the_printed_form_drives_them_apart():
    clean = torch.tensor([[1.0, 0.0, -1.0]])
    for as_printed, closer in ((False, True), (True, False)):
        adversarial = torch.tensor([[-1.0, 0.5, 1.0]], requires_grad=True)
        SynchronizationLoss(as_printed)(clean, adversarial).backward()
        moved = adversarial.detach() - 0.1 * adversarial.grad
        before = (clean.softmax(1) - adversarial.detach().softmax(1)).abs().sum()
        after = (clean.softmax(1) - moved.softmax(1)).abs().sum()
        assert bool(after < before) is closer


def test_saturated_logits_give_a_finite_loss_and_gradient():
    clean = torch.tensor([[1e4, 0.0]], requires_grad=True)
    adversarial = torch.tensor([[0.0, 1e4]], requires_grad=True)
    loss = SynchronizationLoss()(clean, adversarial)
    loss.backward()
    assert torch.isfinite(loss)
    assert torch.isfinite(clean.grad).all()
    assert torch.isfinite(adversarial.grad).all()


def test_half_precision_is_computed_in_single():
    clean, adversarial = torch.randn(2, 4, 3).bfloat16()
    found = SynchronizationLoss()(clean, adversarial)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, SynchronizationLoss()(clean.float(), adversarial.float()))


def test_shapes_must_agree():
    with pytest.raises(ValueError, match=r"share one shape \(B, C\), got \(2, 3\) and \(1, 3\)"):
        SynchronizationLoss()(torch.zeros(2, 3), torch.zeros(1, 3))
