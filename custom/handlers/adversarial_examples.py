"""The adversarial inner loop as a handler: every mini-batch is attacked before the engine runs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import torch
from ignite.engine import Engine, Events
from monai.engines.utils import default_prepare_batch
from torch import Tensor, nn

from custom.attacks import Attack, perturbation_norm


class Statistic(NamedTuple):
    """A figure of one mini-batch, and what is made of it over an epoch.

    Attributes:
        values: one value per sample, shape (B,), or one for the mini-batch, a scalar.
        summary: what the epoch's metric is: the mean of all values; their mean and (population) standard deviation;
            the share of samples for which a boolean is true; their number; or the number of mini-batches.
    """

    values: Tensor
    summary: Literal["mean", "mean_and_std", "share", "count", "count_batches"] = "mean"


@dataclass(frozen=True)
class Examples:
    """The adversarial examples of one mini-batch.

    Attributes:
        images_adv: adversarial images, shape (B, C, *spatial).
        statistics: figures of the attack by name, for :class:`custom.handlers.AdversarialStatistics`.
        extra: what else goes into the batch, by key.
    """

    images_adv: Tensor
    statistics: Mapping[str, Statistic] = field(default_factory=dict)
    extra: Mapping[str, Tensor] = field(default_factory=dict)


class AdversarialExamples:
    """Attack each mini-batch with one radius for all, and put the adversarial images into it.

    Attached to a stock ``SupervisedTrainer`` or ``SupervisedEvaluator`` it runs before each iteration, on the
    engine's own network, and writes

    - ``batch[adversarial_key]``: the adversarial images, shape (B, C, *spatial), which
      ``PrepareBatchExtraInput`` hands to :class:`custom.inferers.AdversarialInferer`;
    - what :class:`Examples` has beside them;
    - ``engine.state.adversarial``: the statistics of :class:`Examples`.

    It is the whole of evaluation under attack. Training methods override :meth:`perturb`.

    Args:
        attack: maps (network, images, labels) to adversarial images.
        image_key: key of the clean images in the batch.
        label_key: key of the labels in the batch.
        adversarial_key: key under which the adversarial images are put.

    Example::

        >>> from custom.attacks import PGD
        >>> from custom.handlers import AdversarialExamples
        >>> handler = AdversarialExamples(PGD(epsilon=0.3, step_size=0.15, steps=7, norm="l2"))

    """

    def __init__(
        self,
        attack: Attack,
        image_key: str = "image",
        label_key: str = "label",
        adversarial_key: str = "image_adv",
    ) -> None:
        self.attack = attack
        self.image_key = image_key
        self.label_key = label_key
        self.adversarial_key = adversarial_key

    def attach(self, engine: Engine) -> None:
        """Attach the attack to the start of the engine's iterations.

        Args:
            engine: a MONAI trainer or evaluator with a ``network``.
        """
        engine.add_event_handler(Events.ITERATION_STARTED, self)

    def __call__(self, engine: Engine) -> None:
        """Attack the batch that the engine is about to run.

        Args:
            engine: a MONAI trainer or evaluator with a ``network``.
        """
        batch: dict[str, Any] = engine.state.batch  # type: ignore[assignment]
        pair = {"image": batch[self.image_key], "label": batch[self.label_key]}
        images, labels = default_prepare_batch(pair, engine.state.device, engine.non_blocking)  # type: ignore[attr-defined]
        # Kept on the device, so that the engine does not move them again.
        batch[self.image_key], batch[self.label_key] = images, labels
        network: nn.Module = engine.network  # type: ignore[attr-defined]
        if (engine.state.iteration - 1) % (engine.state.epoch_length or 1) == 0:
            self.attack.reset(self.seed_of_epoch())
        examples = self.perturb(engine, network, torch.as_tensor(images), torch.as_tensor(labels))
        batch.update({self.adversarial_key: examples.images_adv, **examples.extra})
        engine.state.adversarial = examples.statistics  # type: ignore[attr-defined]

    def seed_of_epoch(self) -> int | None:
        """The seed of the attack's random draws in an epoch: the attack's own, so that all validations are alike."""
        return None

    def perturb(self, engine: Engine, network: nn.Module, images: Tensor, labels: Tensor) -> Examples:
        """Make the adversarial examples of one mini-batch.

        Args:
            engine: the engine that runs the batch.
            network: the network to attack.
            images: clean images in [0, 1], shape (B, C, *spatial).
            labels: class indices, shape (B,).

        Returns:
            The examples and their statistics.
        """
        return self.attacked(network, images, labels)

    def attacked(
        self, network: nn.Module, images: Tensor, labels: Tensor, epsilon: Tensor | None = None, **statistics: Statistic
    ) -> Examples:
        """Attack once, and note the norms of the perturbations.

        Args:
            network: the network to attack.
            images: clean images in [0, 1], shape (B, C, *spatial).
            labels: class indices, shape (B,).
            epsilon: a radius for each sample, shape (B,), instead of the attack's own.
            statistics: further statistics to go along.
        """
        return self.measured(images, self.attack(network, images, labels, epsilon), **statistics)

    def measured(self, images: Tensor, images_adv: Tensor, **statistics: Statistic) -> Examples:
        """Examples with the norms of their perturbations among the statistics.

        Args:
            images: clean images, shape (B, C, *spatial).
            images_adv: adversarial images of the same shape.
            statistics: further statistics to go along.
        """
        norm = perturbation_norm(images_adv - images, self.attack.norm)
        return Examples(images_adv, {"norm": Statistic(norm), **statistics})
