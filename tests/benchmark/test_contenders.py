import copy

import pytest
import torch

from custom.acceleration.cpu.allocator import freed_memory_kept
from custom.attacks import perturbation_norm
from custom.benchmark import attack_contenders as module
from custom.benchmark.attack_contenders import attack_contenders, attacks_without_one
from custom.benchmark.case import ART, REDUCED, TORCHATTACKS, TORCHATTACKS_KEPT, UNACCELERATED
from custom.benchmark.problem import EPSILON, exact, laid_out_for_training, make_problem
from custom.benchmark.training_contenders import our_step, plain_step


@pytest.fixture
def problem():
    return make_problem("squeezenet1_1", 32, 4, torch.device("cpu"))


def test_everyone_runs_the_same_attack(problem, monkeypatch):
    # Imitated 16 bits round as those of the hardware do.
    monkeypatch.setattr(module, "has_hardware", lambda dtype, device: True)
    contenders = attack_contenders(problem)
    expected = contenders[UNACCELERATED]()
    assert perturbation_norm(expected - problem.images).max() <= EPSILON + 1e-6
    for name, case in contenders.items():
        # ART clips before it projects; bfloat16 rounds the direction.
        tolerance = {ART: 0.05, REDUCED: 0.05}.get(name, 1e-4)
        torch.testing.assert_close(case(), expected, rtol=0, atol=tolerance, msg=name)


def test_16_bits_only_where_the_device_has_them(problem, monkeypatch):
    monkeypatch.setattr(module, "has_hardware", lambda dtype, device: False)
    assert REDUCED not in attack_contenders(problem)


def test_memory_is_kept_for_ours_alone_and_once_for_torchattacks(problem):
    pytest.importorskip("torchattacks")
    contenders = attack_contenders(problem)
    kept = {name for name, case in contenders.items() if case.context is freed_memory_kept}
    assert kept == {name for name in contenders if name.startswith("ours")} | {TORCHATTACKS_KEPT}
    assert contenders[TORCHATTACKS].call is contenders[TORCHATTACKS_KEPT].call


@pytest.mark.parametrize("name", ["std", "at", "sat", "dpaat"])
def test_plain_loop_trains_as_our_handlers_do(problem, name):
    pytest.importorskip("torchattacks")
    # Dropout draws other numbers for a joint pass than for two.
    for layer in problem.network.modules():
        if isinstance(layer, torch.nn.Dropout):
            layer.p = 0.0
    other = copy.deepcopy(problem)
    our_step(problem, name, exact())()
    plain_step(other, name)()
    for ours, plain in zip(problem.network.parameters(), other.network.parameters(), strict=True):
        # Adam's first step is the sign of the gradient: equal but for gradients of rounding.
        assert ((ours - plain).abs() < 1e-4).double().mean() > 0.98


def test_amat_runs_in_both(problem):
    pytest.importorskip("torchattacks")
    for make in (lambda method: our_step(problem, method, exact()), lambda method: plain_step(problem, method)):
        before = [parameter.clone() for parameter in problem.network.parameters()]
        make("amat")()
        after = problem.network.parameters()
        assert any((now != then).any() for now, then in zip(after, before, strict=True))


def test_same_seed_same_problem():
    first, second = (make_problem("squeezenet1_1", 32, 2, torch.device("cpu"), seed=3) for _ in range(2))
    assert torch.equal(first.images, second.images)
    assert torch.equal(first.network(first.images), second.network(first.images)) or first.network.training


def test_training_layout_is_that_of_a_copy(problem):
    own = laid_out_for_training(problem)
    pairs = list(zip(own.network.parameters(), problem.network.parameters(), strict=True))
    assert all(torch.equal(one, other) for one, other in pairs)
    filters = [(one, other) for one, other in pairs if one.ndim == 4 and min(one.shape[1:]) > 1]
    assert all(one.is_contiguous(memory_format=torch.channels_last) for one, _ in filters)
    assert all(other.is_contiguous() for _, other in filters)


@pytest.mark.parametrize("hardware", [True, False])
def test_each_acceleration_is_left_out_once_and_the_attack_stays(problem, monkeypatch, hardware):
    monkeypatch.setattr(module, "has_hardware", lambda dtype, device: hardware)
    names = ["FoldBatchNorm", "StridedStem", "InPlaceReLU", "ChannelsLast"]
    reduced = [*names[:3], "FlippedDepthwise", names[3]]
    cases = attacks_without_one(problem)
    assert [*cases] == [
        "ours, exact",
        "without kept memory",
        *(f"without {name}" for name in names),
        *([REDUCED, *(f"bfloat16 without {name}" for name in reduced)] if hardware else []),
    ]
    expected = cases["ours, exact"]()
    for name, case in cases.items():
        tolerance = 0.05 if "bfloat16" in name else 1e-4
        torch.testing.assert_close(case(), expected, rtol=0, atol=tolerance, msg=name)
