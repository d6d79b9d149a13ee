"""The same seven-step l2 attack by this package and by independent libraries."""

from collections.abc import Callable
from contextlib import suppress

import torch
from torch import Tensor, nn

from custom.acceleration import Acceleration, ReducedPrecision
from custom.acceleration.autocast import has_hardware
from custom.attacks import PGD
from custom.benchmark.case import (
    ART,
    EXACT,
    FOOLBOX,
    REDUCED,
    TORCHATTACKS,
    TORCHATTACKS_KEPT,
    UNACCELERATED,
    Case,
    memory_kept,
)
from custom.benchmark.problem import (
    CLASSES,
    EPSILON,
    STEP_SIZE,
    STEPS,
    Problem,
    exact,
    reduced,
    training_adversary,
)

Contender = Callable[[], Tensor]


def attack_contenders(problem: Problem) -> dict[str, Case]:
    """Every way to run the attack, by name, ready to call; a library that is not installed is left out.

    The libraries run in a process as it is. What the memory setting of ours alone does shows torchattacks, which
    runs once more within it.

    Args:
        problem: network, images and labels; the network is not changed beyond its mode.

    Returns:
        Cases that return the adversarial images; 16 bits only where the device has them in hardware.
    """
    ours = {EXACT: exact(), REDUCED: reduced(), UNACCELERATED: []}
    if not has_hardware(torch.bfloat16, problem.device):
        del ours[REDUCED]
    cases = {name: memory_kept(_ours(problem, training_adversary(tricks))) for name, tricks in ours.items()}
    for name, make in {TORCHATTACKS: _torchattacks, ART: _art, FOOLBOX: _foolbox}.items():
        with suppress(ImportError):
            cases[name] = Case(make(problem))
    if TORCHATTACKS in cases:
        cases[TORCHATTACKS_KEPT] = memory_kept(cases[TORCHATTACKS].call)
    return cases


def attacks_without_one(problem: Problem) -> dict[str, Case]:
    """Our exact attack, and the same with one of what makes it fast left out; and so the one in 16 bits.

    Args:
        problem: network, images and labels; the network is not changed beyond its mode.

    Returns:
        Cases that return the adversarial images; 16 bits only where the device has them in hardware.
    """
    whole = _ours(problem, training_adversary(exact()))
    cases = {EXACT: memory_kept(whole), "without kept memory": Case(whole)}
    cases |= _without_one(problem, exact(), "without")
    if has_hardware(torch.bfloat16, problem.device):
        cases[REDUCED] = memory_kept(_ours(problem, training_adversary(reduced())))
        cases |= _without_one(problem, reduced(), "bfloat16 without")
    return cases


def _without_one(problem: Problem, accelerations: list[Acceleration], words: str) -> dict[str, Case]:
    """The attack without one of some accelerations, for each but that for 16 bits."""
    left_out = [type(one) for one in accelerations if not isinstance(one, ReducedPrecision)]
    rest = {kind: [one for one in accelerations if type(one) is not kind] for kind in left_out}
    return {
        f"{words} {kind.__name__}": memory_kept(_ours(problem, training_adversary(those)))
        for kind, those in rest.items()
    }


def _ours(problem: Problem, attack: PGD) -> Contender:
    return lambda: attack(problem.network, problem.images, problem.labels)


def _torchattacks(problem: Problem) -> Contender:
    import torchattacks

    attack = torchattacks.PGDL2(problem.network, EPSILON, STEP_SIZE, STEPS, random_start=False)

    def call() -> Tensor:
        images_adv: Tensor = attack(problem.images, problem.labels)
        return images_adv

    return call


def _art(problem: Problem) -> Contender:
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


def _foolbox(problem: Problem) -> Contender:
    import foolbox

    attack = foolbox.attacks.L2ProjectedGradientDescentAttack(abs_stepsize=STEP_SIZE, steps=STEPS, random_start=False)

    def call() -> Tensor:
        # Foolbox asks for evaluation mode and leaves setting it to its user.
        model = foolbox.PyTorchModel(problem.network.eval(), bounds=(0, 1), device=problem.device)
        images_adv: Tensor = attack.run(
            model, problem.images, foolbox.Misclassification(problem.labels), epsilon=EPSILON
        )
        return images_adv

    return call
