import copy

import pytest
import torch

from benchmarks import attacks
from benchmarks.attacks import ablation_cases, attack_cases
from benchmarks.cases import ART, BFLOAT16, TORCHATTACKS, TORCHATTACKS_KEPT, UNACCELERATED
from benchmarks.problem import EPSILON, make_problem
from benchmarks.training import METHODS, our_step, plain_step, training_floor
from custom.acceleration.cpu import freed_memory_kept
from custom.attacks import perturbation_norm


@pytest.fixture
def problem():
    return make_problem("squeezenet1_1", 32, 4, torch.device("cpu"))


def test_everyone_runs_the_same_attack(problem, monkeypatch):
    # Emulated bfloat16 rounds as the hardware's does.
    monkeypatch.setattr(attacks, "has_hardware", lambda dtype, device: True)
    cases = attack_cases(problem)
    expected = cases[UNACCELERATED]()
    assert perturbation_norm(expected - problem.images).max() <= EPSILON + 1e-6
    for name, case in cases.items():
        # ART clips before it projects; bfloat16 rounds the direction.
        tolerance = {ART: 0.05, BFLOAT16: 0.05}.get(name, 1e-4)
        torch.testing.assert_close(case(), expected, rtol=0, atol=tolerance, msg=name)


def test_bfloat16_only_if_the_device_has_it(problem, monkeypatch):
    monkeypatch.setattr(attacks, "has_hardware", lambda dtype, device: False)
    assert BFLOAT16 not in attack_cases(problem)


def test_memory_is_kept_for_ours_alone_and_once_for_torchattacks(problem):
    pytest.importorskip("torchattacks")
    cases = attack_cases(problem)
    kept = {name for name, case in cases.items() if case.context is freed_memory_kept}
    assert kept == {name for name in cases if name.startswith("ours")} | {TORCHATTACKS_KEPT}
    assert cases[TORCHATTACKS].call is cases[TORCHATTACKS_KEPT].call


@pytest.mark.parametrize("name", ["std", "at", "sat", "dpaat"])
def test_plain_loop_trains_as_our_handlers_do(problem, name):
    pytest.importorskip("torchattacks")
    # Dropout draws other numbers for a joint pass than for two.
    for layer in problem.network.modules():
        if isinstance(layer, torch.nn.Dropout):
            layer.p = 0.0
    other = copy.deepcopy(problem)
    our_step(problem, name, "exact")()
    plain_step(other, name)()
    for ours, plain in zip(problem.network.parameters(), other.network.parameters(), strict=True):
        # Adam's first step is the sign of the gradient: equal but for gradients of rounding.
        assert ((ours - plain).abs() < 1e-4).double().mean() > 0.98


def test_amat_runs_in_both(problem):
    pytest.importorskip("torchattacks")
    for make in (lambda: our_step(problem, "amat", "exact"), lambda: plain_step(problem, "amat")):
        before = [parameter.clone() for parameter in problem.network.parameters()]
        make()()
        after = problem.network.parameters()
        assert any((now != then).any() for now, then in zip(after, before, strict=True))


def test_training_layout_is_that_of_a_copy(problem):
    own = problem.channels_last()
    pairs = list(zip(own.network.parameters(), problem.network.parameters(), strict=True))
    assert all(torch.equal(one, other) for one, other in pairs)
    filters = [(one, other) for one, other in pairs if one.ndim == 4 and min(one.shape[1:]) > 1]
    assert all(one.is_contiguous(memory_format=torch.channels_last) for one, _ in filters)
    assert all(other.is_contiguous() for _, other in filters)


@pytest.mark.parametrize("hardware", [True, False])
def test_each_acceleration_is_left_out_once_and_the_attack_stays(problem, monkeypatch, hardware):
    monkeypatch.setattr(attacks, "has_hardware", lambda dtype, device: hardware)
    names = ["FoldBatchNorm", "StridedStem", "InPlaceReLU", "ChannelsLast"]
    reduced = [*names[:3], "FlippedDepthwise", names[3]]
    cases = ablation_cases(problem)
    assert [*cases] == [
        "ours, exact",
        "without kept memory",
        *(f"without {name}" for name in names),
        *([BFLOAT16, *(f"bfloat16 without {name}" for name in reduced)] if hardware else []),
    ]
    expected = cases["ours, exact"]()
    for name, case in cases.items():
        tolerance = 0.05 if "bfloat16" in name else 1e-4
        torch.testing.assert_close(case(), expected, rtol=0, atol=tolerance, msg=name)


# One attack, radii of each image, a network that helps, one that is trained along; `slow` has them all.
DIFFERENT = ("at", "dpaat", "hat", "lbgat")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in DIFFERENT else pytest.mark.slow) for name in METHODS]
)
def test_each_method_trains_and_has_a_floor(problem, name):
    before = [parameter.clone() for parameter in problem.network.parameters()]
    training_floor(problem, name)()
    our_step(problem, name, "exact")()
    assert any((now != then).any() for now, then in zip(problem.network.parameters(), before, strict=True))
