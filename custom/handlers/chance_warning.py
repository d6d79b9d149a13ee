"""A warning for a network that has stopped to learn anything."""

from __future__ import annotations

import math
import warnings

import ignite.distributed as idist
from ignite.engine import Engine, Events


class ChanceWarning:
    """Warn when an epoch's cross-entropy is that of guessing: the logarithm of the number of classes.

    A fresh head under adversarial training can drive all logits to the same value, where no gradient is left; the
    loss then stays at ``log(num_classes)`` and the accuracy at chance, epoch after epoch. Attach it to the trainer
    after :class:`custom.handlers.AdversarialStatistics`.

    Args:
        num_classes: number of classes, at least 2.
        tolerance: distance from ``log(num_classes)``, in nats, up to which a loss counts as that of guessing.

    Example::

        >>> from custom.handlers import ChanceWarning
        >>> handler = ChanceWarning(num_classes=3)

    """

    def __init__(self, num_classes: int, tolerance: float = 0.005) -> None:
        self.chance = math.log(num_classes)
        self.tolerance = tolerance

    def attach(self, engine: Engine) -> None:
        """Attach the check to the end of the trainer's epochs.

        Args:
            engine: a MONAI trainer.
        """
        if idist.get_rank() == 0:
            engine.add_event_handler(Events.EPOCH_COMPLETED, self)

    def __call__(self, engine: Engine) -> None:
        """Compare the epoch's cross-entropy, on adversarial images where there are any, with that of guessing.

        Args:
            engine: a MONAI trainer.
        """
        metrics = engine.state.metrics
        loss = metrics.get("loss_adversarial", metrics.get("loss_clean", math.inf))
        if abs(loss - self.chance) <= self.tolerance:
            warnings.warn(
                f"Epoch {engine.state.epoch}: the cross-entropy is {loss:.4f}, that of guessing: the network has "
                "stopped to learn. Try another --seed, more --warm_up_epochs or a lower --learning_rate.",
                stacklevel=1,
            )
