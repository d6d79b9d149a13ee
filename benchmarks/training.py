"""One training step of each method: by this package, and by a plain loop around torchattacks."""

import copy
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import torch
from monai.engines import SupervisedTrainer
from torch import Tensor
from torch.nn import functional as F

from benchmarks.passes import RecordPasses, attack_floor, training_pass
from benchmarks.problem import EPSILON, STEP_SIZE, STEPS, Problem, training_adversary
from custom.acceleration import Accelerations, create_accelerations
from custom.acceleration.autocast import Dtype
from custom.methods import Method, create_method, method_names

METHODS = tuple(method_names())
LEARNING_RATE = 3e-4
# AMAT's threshold; the time of a step does not depend on it.
XI = 2.0
# What a method has no default for, and no warm-up, in which a step costs less.
NEEDED: dict[str, dict[str, Any]] = {"amat": {"xi": XI}, "iaat": {"warm_up": 0}, "cfa": {"warm_up": 0}}
# Ways to train with a method that cost something else: the method, and options of it and of its inferer.
VARIANTS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "dpaat, continued": ("dpaat", {"second_examples": "continue"}, {}),
    "dpaat, rescaled": ("dpaat", {"second_examples": "rescale"}, {}),
    "dpaat, checkpointed": ("dpaat", {}, {"joint_pass": False, "activation_checkpointing": True}),
}
# Methods with one more training pass, on helper images or of a teacher.
FURTHER_PASS = ("hat", "lbgat")
# Radius rule, alpha and beta of the methods that a plain loop is written for.
PLAIN_LOOPS = {
    "std": ("none", 0.0, 0.0),
    "at": ("fixed", 1.0, 0.0),
    "sat": ("fixed", 0.5, 0.0),
    "amat": ("amat", 0.5, 0.0),
    "dpaat": ("dpaat", 0.5, 1.0),
}


def build_method(
    problem: Problem, name: str, accelerations: Accelerations, options: Mapping[str, Any] = MappingProxyType({})
) -> Method:
    """A method with what it has no default for; HAT's teacher is a copy of the network.

    Args:
        problem: network and batch.
        name: the training method.
        accelerations: those of the attack.
        options: further options of the method.

    Raises:
        ValueError: the method is unknown.
    """
    needed = {"teacher": copy.deepcopy(problem.network)} if name == "hat" else NEEDED.get(name, {})
    return create_method(name, training_adversary(accelerations), {**needed, **options})


def our_step(
    problem: Problem, name: str, accelerations: Accelerations, autocast: Dtype | None = None
) -> Callable[[], object]:
    """One iteration of the stock trainer with this package's handlers, as in the training config.

    Args:
        problem: network and batch.
        name: the training method, or one of ``VARIANTS``.
        accelerations: those of the attack.
        autocast: data type of the training pass, float32 if None.

    Returns:
        A call that trains on the batch once.

    Raises:
        ValueError: the method is unknown.
    """
    name, options, of_inferer = VARIANTS.get(name, (name, {}, {}))
    method = build_method(problem, name, accelerations, options)
    batch: dict[str, Any] = {
        "image": problem.images,
        "label": problem.labels,
        "image_id": [str(number) for number in range(len(problem.images))],
    }
    trainer = SupervisedTrainer(
        device=problem.device,
        max_epochs=1,
        train_data_loader=[batch],
        network=problem.network,
        optimizer=torch.optim.Adam(method.parameters(problem.network), LEARNING_RATE),
        loss_function=method.loss,
        inferer=method.inferer(autocast=autocast, **of_inferer),
        prepare_batch=method.prepare_batch(),
        train_handlers=[method],
        decollate=False,
    )
    trainer.logger.disabled = True
    return trainer.run


def training_floor(problem: Problem, name: str) -> Callable[[], None]:
    """The bare passes of our exact step: those of its attacks, then the one for the parameters.

    Args:
        problem: network and batch.
        name: the training method.

    Returns:
        A call that does the passes.
    """
    method = build_method(problem, name, "none")
    recorder = RecordPasses()
    our_step(problem, name, [*create_accelerations("exact"), recorder])()
    attacks = attack_floor(recorder.passes, problem, "exact")
    halves = (2 if method.adversarial and method.loss.needs_clean else 1) + (name in FURTHER_PASS)

    def floor() -> None:
        attacks()
        training_pass(problem, halves * len(problem.images))

    return floor


def plain_step(problem: Problem, name: str) -> Callable[[], object]:
    """The loop that one would write by hand around torchattacks.

    Args:
        problem: network and batch.
        name: one of the methods of the paper.

    Returns:
        A call that trains on the batch once.

    Raises:
        ImportError: torchattacks is not installed.
        KeyError: no loop is written for the method.
    """
    import torchattacks

    radius, alpha, beta = PLAIN_LOOPS[name]
    network, images, labels = problem.network, problem.images, problem.labels
    optimizer = torch.optim.Adam(network.parameters(), LEARNING_RATE)
    own_epsilon = torch.full((len(images),), EPSILON, device=problem.device)

    def attack(epsilon: float | Tensor) -> Tensor:
        images_adv: Tensor = torchattacks.PGDL2(network, epsilon, STEP_SIZE, STEPS, random_start=False)(images, labels)
        return images_adv

    def losses(inputs: Tensor) -> Tensor:
        network.eval()
        with torch.no_grad():
            found = F.cross_entropy(network(inputs), labels, reduction="none")
        network.train()
        return found

    def adversarial() -> Tensor:
        if radius == "fixed":
            return attack(EPSILON)
        if radius == "amat":
            images_adv = attack(own_epsilon)
            norm = (images_adv - images).flatten(1).norm(dim=1)
            grown = torch.where(losses(images_adv) < XI, own_epsilon + EPSILON / 10, (own_epsilon + norm) / 2)
            own_epsilon.copy_(grown.clamp(0, 2 * EPSILON))
            return images_adv
        images_adv = attack(EPSILON)
        norm = (images_adv - images).flatten(1).norm(dim=1)
        difference = losses(images_adv) - losses(images)
        mean = difference.mean()
        gamma = EPSILON * (difference - mean).abs() / mean if mean > 1e-6 else torch.zeros_like(norm)
        adapted = torch.where(difference > mean, norm - gamma, norm + gamma)
        # A radius of exactly 0 makes torchattacks divide 0 by 0.
        return attack(adapted.clamp(1e-6, 2 * EPSILON))

    def step() -> None:
        network.train()
        if radius == "none":
            loss = F.cross_entropy(network(images), labels)
        else:
            images_adv = adversarial()
            logits_adv = network(images_adv)
            loss = F.cross_entropy(logits_adv, labels)
            if alpha < 1:
                logits = network(images)
                loss = alpha * loss + (1 - alpha) * F.cross_entropy(logits, labels)
                if beta:
                    p, q = logits.softmax(1), logits_adv.softmax(1)
                    middle = ((p + q) / 2).log()
                    divergence = F.kl_div(middle, p, reduction="batchmean")
                    divergence = divergence + F.kl_div(middle, q, reduction="batchmean")
                    loss = loss + beta * divergence / 2
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step
