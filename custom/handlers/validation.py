"""Validation every few epochs, and after the last."""

from __future__ import annotations

from ignite.engine import Engine, Events
from monai.engines import Evaluator
from monai.handlers import ValidationHandler


class ValidationAfterEpochs(ValidationHandler):
    """MONAI's ``ValidationHandler`` by epochs, which also validates the last epoch, whatever the interval.

    Without that, a training of fewer epochs than the interval would end without a best network.

    Args:
        validator: the engine that validates.
        interval: number of epochs from one validation to the next, at least 1.

    Raises:
        ValueError: if ``interval`` is not at least 1.

    Example::

        >>> from custom.handlers import ValidationAfterEpochs
        >>> handler = ValidationAfterEpochs(interval=2)

    """

    def __init__(self, interval: int, validator: Evaluator | None = None) -> None:
        if interval < 1:
            raise ValueError(f"val_interval must be at least 1, not {interval}.")
        super().__init__(interval=interval, validator=validator, epoch_level=True)

    def attach(self, engine: Engine) -> None:
        """Attach the validation to the end of the trainer's epochs.

        Args:
            engine: the trainer.
        """

        def due(trainer: Engine, epoch: int) -> bool:
            return epoch % self.interval == 0 or epoch == trainer.state.max_epochs

        engine.add_event_handler(Events.EPOCH_COMPLETED(event_filter=due), self)
