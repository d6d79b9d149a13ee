"""The adversarial inner loop as a handler: every mini-batch is attacked before the engine runs it."""

from __future__ import annotations

from typing import Any

import torch
from ignite.engine import Engine, Events
from monai.engines.utils import default_prepare_batch
from torch import Tensor, nn

from custom.attacks import Attack, perturbation_norm


class AdversarialExamples:
    """Attack each mini-batch with one radius for all, and put the adversarial images into it.

    Attached to a stock ``SupervisedTrainer`` or ``SupervisedEvaluator`` it runs before each iteration, on the
    engine's own network, and writes

    - ``batch[adversarial_key]``: the adversarial images, shape (B, C, *spatial), which
      ``PrepareBatchExtraInput`` hands to :class:`custom.inferers.AdversarialInferer`;
    - ``engine.state.adversarial``: what there is to know of the attack, for
      :class:`custom.handlers.AdversarialStatistics`: tensors of shape (B,) or scalars.

    It is the whole of AT and SAT, and of evaluation under attack. Subclasses override :meth:`perturb`.

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
        engine.state.adversarial = {}  # type: ignore[attr-defined]
        network: nn.Module = engine.network  # type: ignore[attr-defined]
        batch[self.adversarial_key] = self.perturb(engine, network, torch.as_tensor(images), torch.as_tensor(labels))

    def perturb(self, engine: Engine, network: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
        """Make the adversarial images of one mini-batch, and note its statistics.

        Args:
            engine: the engine that runs the batch.
            network: the network to attack.
            images: clean images in [0, 1], shape (B, C, *spatial).
            labels: class indices, shape (B,).

        Returns:
            Adversarial images, shape (B, C, *spatial).
        """
        images_adv = self.attack(network, images, labels)
        engine.state.adversarial["norm"] = perturbation_norm(images_adv - images, self.attack.norm)  # type: ignore[attr-defined]
        return images_adv
