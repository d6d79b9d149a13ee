"""Validation every few epochs, and after the last."""

from __future__ import annotations

from typing import Any, Literal, get_args

from ignite.engine import Engine, Events
from monai.engines import Evaluator
from monai.handlers import ValidationHandler
from monai.utils import is_scalar
from torch import nn

from custom.handlers.weight_averaging import WeightAveraging

ValidatedWeights = Literal["both", "averaged"]

AVERAGED = "val_is_averaged"
"""Metric: 1 if the average of the weights is the better of the two, 0 if the weights that are trained on are."""


class ValidationAfterEpochs(ValidationHandler):
    """MONAI's ``ValidationHandler`` by epochs, which also validates the last epoch, whatever the interval.

    Without that, a training of fewer epochs than the interval would end without a best network.

    If the weights are averaged, the average is validated beside the weights that are trained on. The evaluator's
    metrics are then those of the better of the two, by ``score_name``; with ``_raw`` and ``_averaged`` behind their
    names stand those of either, and ``val_is_averaged`` says which one is better.

    Args:
        validator: the engine that validates.
        interval: number of epochs from one validation to the next, at least 1.
        averaging: the average of the weights, if there is one.
        score_name: name of the evaluator's metric by which the better weights are chosen, higher is better.
        weights: ``"both"``, or ``"averaged"`` to validate only the average, which takes half the time. An average
            that follows the validation of the weights needs both.

    Raises:
        ValueError: if ``interval`` is not at least 1, or ``weights`` is unknown.

    Example::

        >>> from custom.handlers import ValidationAfterEpochs
        >>> handler = ValidationAfterEpochs(interval=2)

    """

    def __init__(
        self,
        interval: int,
        validator: Evaluator | None = None,
        averaging: WeightAveraging | None = None,
        score_name: str = "val_accuracy_mean",
        weights: ValidatedWeights = "both",
    ) -> None:
        if interval < 1:
            raise ValueError(f"val_interval must be at least 1, not {interval}.")
        if weights not in get_args(ValidatedWeights):
            raise ValueError(f"validated_weights must be 'both' or 'averaged', not {weights!r}.")
        super().__init__(interval=interval, validator=validator, epoch_level=True)
        self.averaging = averaging
        self.score_name = score_name
        self.weights = weights

    def attach(self, engine: Engine) -> None:
        """Attach the validation to the end of the trainer's epochs.

        Args:
            engine: the trainer.
        """

        def due(trainer: Engine, epoch: int) -> bool:
            return epoch % self.interval == 0 or epoch == trainer.state.max_epochs

        engine.add_event_handler(Events.EPOCH_COMPLETED(event_filter=due), self)

    def __call__(self, engine: Engine) -> None:
        """Validate the epoch that has ended.

        Args:
            engine: the trainer.
        """
        averaging = self.averaging
        if averaging is None:
            super().__call__(engine)
            return
        validator: Any = self.validator
        found = {}
        if self.weights == "both" or averaging.follows_validation:
            found["raw"] = self._metrics(engine, validator.network)
            averaging.validated(engine, found["raw"])
        if averaging.started:
            found["averaged"] = self._metrics(engine, averaging.network)
        # On a tie the average, which moves less from one epoch to the next.
        best = max(reversed(found), key=lambda name: float(found[name][self.score_name]))
        averaging.chosen = best == "averaged"
        both = {}
        if len(found) > 1:
            both = {
                f"{name}_{kind}": value for kind in found for name, value in found[kind].items() if is_scalar(value)
            }
        validator.state.metrics = {**found[best], **both, AVERAGED: float(averaging.chosen)}

    def _metrics(self, engine: Engine, network: nn.Module) -> dict[str, Any]:
        """The metrics of a network."""
        validator: Any = self.validator
        # Those of an earlier epoch, some of which are not measured again.
        validator.state.metrics = {}
        own, validator.network = validator.network, network
        try:
            super().__call__(engine)
        finally:
            validator.network = own
        return dict(validator.state.metrics)
