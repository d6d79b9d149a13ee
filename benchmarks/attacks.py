"""The same seven-step l2 attack by this package and by independent libraries."""

from collections.abc import Callable
from contextlib import suppress

import torch
from torch import Tensor, nn

from benchmarks.cases import (
    ART,
    BFLOAT16,
    EXACT,
    FOOLBOX,
    TORCHATTACKS,
    TORCHATTACKS_KEPT,
    UNACCELERATED,
    Case,
    keeping_memory,
)
from benchmarks.problem import CLASSES, EPSILON, STEP_SIZE, STEPS, Problem, training_adversary
from custom.acceleration import Accelerations, ReducedPrecision, create_accelerations
from custom.acceleration.autocast import has_hardware

PRESETS = {EXACT: "exact", BFLOAT16: "bfloat16", UNACCELERATED: "none"}


def attack_cases(problem: Problem) -> dict[str, Case]:
    """Our attack and its baselines by name; a library that is not installed is left out.

    The libraries run in a process as it is; torchattacks also with our allocator setting, which separates the
    setting's share of the difference.

    Args:
        problem: network, images and labels; the network keeps its weights.

    Returns:
        Cases that return the adversarial images; bfloat16 only if the device has it in hardware.
    """
    cases = {name: _ours(problem, preset) for name, preset in PRESETS.items()}
    if not has_hardware(torch.bfloat16, problem.device):
        del cases[BFLOAT16]
    for name, make in {TORCHATTACKS: _torchattacks, ART: _art, FOOLBOX: _foolbox}.items():
        with suppress(ImportError):
            cases[name] = Case(make(problem))
    if TORCHATTACKS in cases:
        cases[TORCHATTACKS_KEPT] = keeping_memory(cases[TORCHATTACKS].call)
    return cases


def ablation_cases(problem: Problem) -> dict[str, Case]:
    """Our attack with each preset, and with one of the preset's accelerations left out.

    Args:
        problem: network, images and labels; the network keeps its weights.

    Returns:
        Cases that return the adversarial images; bfloat16 only if the device has it in hardware.
    """
    cases = {EXACT: _ours(problem, "exact"), "without kept memory": Case(_ours(problem, "exact").call)}
    cases |= _leave_one_out(problem, "exact", "without")
    if has_hardware(torch.bfloat16, problem.device):
        cases |= {BFLOAT16: _ours(problem, "bfloat16"), **_leave_one_out(problem, "bfloat16", "bfloat16 without")}
    return cases


def _leave_one_out(problem: Problem, preset: str, prefix: str) -> dict[str, Case]:
    """The attack without one of a preset's accelerations, for each but the reduced precision itself."""
    names = [type(one).__name__ for one in create_accelerations(preset) if not isinstance(one, ReducedPrecision)]
    return {
        f"{prefix} {name}": _ours(problem, [one for one in create_accelerations(preset) if type(one).__name__ != name])
        for name in names
    }


def _ours(problem: Problem, accelerations: Accelerations) -> Case:
    attack = training_adversary(accelerations)
    return keeping_memory(lambda: attack(problem.network, problem.images, problem.labels))


def _torchattacks(problem: Problem) -> Callable[[], Tensor]:
    import torchattacks

    attack = torchattacks.PGDL2(problem.network, EPSILON, STEP_SIZE, STEPS, random_start=False)

    def call() -> Tensor:
        images_adv: Tensor = attack(problem.images, problem.labels)
        return images_adv

    return call


def _art(problem: Problem) -> Callable[[], Tensor]:
    from art.attacks.evasion import ProjectedGradientDescentPyTorch
    from art.estimators.classification import PyTorchClassifier

    classifier = PyTorchClassifier(
        problem.network,
        nn.CrossEntropyLoss(),
        tuple(problem.images.shape[1:]),
        CLASSES,
        clip_values=(0, 1),
        device_type="gpu" if problem.device.type == "cuda" else "cpu",
    )
    attack = ProjectedGradientDescentPyTorch(
        classifier,
        norm=2,
        eps=EPSILON,
        eps_step=STEP_SIZE,
        max_iter=STEPS,
        batch_size=len(problem.images),
        verbose=False,
    )
    images, labels = problem.images.cpu().numpy(), problem.labels.cpu().numpy()
    return lambda: torch.from_numpy(attack.generate(images, labels)).to(problem.device)


def _foolbox(problem: Problem) -> Callable[[], Tensor]:
    import foolbox

    attack = foolbox.attacks.L2ProjectedGradientDescentAttack(abs_stepsize=STEP_SIZE, steps=STEPS, random_start=False)

    def call() -> Tensor:
        # foolbox expects its caller to set evaluation mode.
        model = foolbox.PyTorchModel(problem.network.eval(), bounds=(0, 1), device=problem.device)
        images_adv: Tensor = attack.run(
            model, problem.images, foolbox.Misclassification(problem.labels), epsilon=EPSILON
        )
        return images_adv

    return call
