"""One training step of each method: by this package, and by a plain loop around torchattacks."""

from collections.abc import Callable
from typing import Any

import torch
from monai.engines import SupervisedTrainer
from torch import Tensor
from torch.nn import functional as F

from custom.acceleration import Acceleration
from custom.acceleration.autocast import Dtype
from custom.attacks import PGD
from custom.benchmark.problem import EPSILON, STEP_SIZE, STEPS, Problem, training_adversary
from custom.methods import Method, create_method
from custom.methods.amat import AMAT
from custom.methods.dpaat import DPAAT

LEARNING_RATE = 3e-4
# AMAT's threshold; the time of a step does not depend on it.
XI = 2.0


def trained_by(method: str, attack: PGD) -> Method:
    """The training method of that name, whatever else it needs given."""
    return create_method(method, attack, xi=XI if method == "amat" else None)


def our_step(
    problem: Problem, method: str, accelerations: list[Acceleration], autocast: Dtype | None = None
) -> Callable[[], object]:
    """One iteration of the stock trainer with this package's handlers, as in the training config.

    Args:
        problem: network and batch.
        method: name of the training method.
        accelerations: those of the attack.
        autocast: 16 bits for the training pass, too.

    Returns:
        A call that trains on the batch once.
    """
    own = trained_by(method, training_adversary(accelerations))
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
        optimizer=torch.optim.Adam(problem.network.parameters(), LEARNING_RATE),
        loss_function=own.loss,
        inferer=own.inferer(autocast=autocast),
        prepare_batch=own.prepare_batch(),
        train_handlers=[own],
        decollate=False,
    )
    trainer.logger.disabled = True
    return trainer.run


def plain_step(problem: Problem, method: str) -> Callable[[], object]:
    """The loop that one would write by hand around torchattacks, method by method.

    Args:
        problem: network and batch.
        method: name of the training method.

    Returns:
        A call that trains on the batch once.

    Raises:
        ImportError: torchattacks is not installed.
    """
    import torchattacks

    network, images, labels = problem.network, problem.images, problem.labels
    described = trained_by(method, training_adversary([]))
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
        if not isinstance(described, AMAT | DPAAT):
            return attack(EPSILON)
        if isinstance(described, AMAT):
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
        radius = torch.where(difference > mean, norm - gamma, norm + gamma)
        # A radius of exactly 0 makes torchattacks divide 0 by 0.
        return attack(radius.clamp(1e-6, 2 * EPSILON))

    def step() -> None:
        network.train()
        if not described.adversarial:
            loss = F.cross_entropy(network(images), labels)
        else:
            images_adv = adversarial()
            logits_adv = network(images_adv)
            loss = F.cross_entropy(logits_adv, labels)
            if described.loss.needs_clean:
                logits = network(images)
                loss = described.loss.alpha * loss + (1 - described.loss.alpha) * F.cross_entropy(logits, labels)
                if described.loss.beta:
                    p, q = logits.softmax(1), logits_adv.softmax(1)
                    middle = ((p + q) / 2).log()
                    divergence = F.kl_div(middle, p, reduction="batchmean")
                    divergence = divergence + F.kl_div(middle, q, reduction="batchmean")
                    loss = loss + described.loss.beta * divergence / 2
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step
