"""CFA's average of the weights, which leaves out epochs in which a class is not robust enough."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ignite.engine import Engine, EventEnum
from torch import nn

from custom.handlers.weight_averaging import WeightAveraging

WORST_CLASS = "val_worst_recall_attacked"
"""The metric of the validation that is compared with the threshold."""


class _AveragingEvents(EventEnum):
    FAIR_ENOUGH = "fair_enough"


class FairWeightAveraging(WeightAveraging):
    """Average the weights over the epochs whose worst class is robust enough (FAWA).

    After the validation of an epoch, if the accuracy of the worst class on the attacked validation images reaches the
    threshold, ``average <- decay average + (1 - decay) weights``; the first such epoch starts the average. Wei et al.,
    "CFA: class-wise calibrated fair adversarial training", CVPR 2023.

    Args:
        network: the network that is trained.
        decay: share of the old average that is kept in an epoch, in (0, 1).
        threshold: accuracy of the worst class that an epoch needs, in [0, 1].

    Raises:
        ValueError: if ``decay`` or ``threshold`` is out of range.

    Example::

        >>> import torch
        >>> from custom.handlers import FairWeightAveraging
        >>> averaging = FairWeightAveraging(torch.nn.Linear(2, 3), decay=0.88, threshold=0.2)

    """

    follows_validation: ClassVar[bool] = True

    def __init__(self, network: nn.Module, decay: float, threshold: float) -> None:
        super().__init__(network, decay)
        if not 0 <= threshold <= 1:
            raise ValueError(f"threshold must be in [0, 1], got {threshold}.")
        self.threshold = threshold
        self.started = False

    def attach(self, engine: Engine) -> None:
        """Attach the averaging to the epochs that are robust enough.

        Args:
            engine: the trainer.
        """
        engine.register_events(*_AveragingEvents)
        self._average.attach(engine, event=_AveragingEvents.FAIR_ENOUGH)

    def validated(self, engine: Engine, metrics: Mapping[str, Any]) -> None:
        """Take the epoch's weights into the average if their worst class is robust enough.

        Args:
            engine: the trainer.
            metrics: the metrics of the weights that are trained on.
        """
        if float(metrics[WORST_CLASS]) < self.threshold:
            return
        if self.started:
            engine.fire_event(_AveragingEvents.FAIR_ENOUGH)
        else:
            self.network.load_state_dict(self._average.model.state_dict())
            self.started = True

    def state_dict(self) -> dict[str, Any]:
        """The average, and whether an epoch is in it."""
        return {"network": super().state_dict(), "started": self.started}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Restore the average of a checkpoint.

        Args:
            state_dict: what :meth:`state_dict` gave.
        """
        super().load_state_dict(state_dict["network"])
        self.started = state_dict["started"]
