"""A warning for a training that ends no better than guessing."""

from __future__ import annotations

import warnings

import ignite.distributed as idist
from ignite.engine import Engine, Events

from custom.handlers.validated import validated


class ChanceWarning:
    """Warn at the end of a training whose network does no better than guessing on the clean validation images.

    The measure is balanced accuracy, the mean of the classes' recalls: whoever guesses, and whoever always answers the
    same class, gets ``1 / num_classes``, however frequent the classes are. Epochs in between do not count: many a
    network stays at chance for a while, and then learns. Attach it to the trainer after the handler that validates.

    Args:
        evaluator: the engine that validates.
        num_classes: number of classes, at least 2.
        metric: name of the evaluator's metric with the balanced accuracy.
        margin: how far above chance the best epoch must be to count as better than it.

    Example::

        >>> from ignite.engine import Engine
        >>> from custom.handlers import ChanceWarning
        >>> handler = ChanceWarning(Engine(lambda engine, batch: None), num_classes=3)

    """

    def __init__(
        self,
        evaluator: Engine,
        num_classes: int,
        metric: str = "val_balanced_accuracy",
        margin: float = 0.02,
    ) -> None:
        self.evaluator = evaluator
        self.chance = 1 / num_classes
        self.metric = metric
        self.margin = margin
        self._best = 0.0

    def attach(self, engine: Engine) -> None:
        """Attach the comparison to the trainer's epochs and the warning to its end.

        Args:
            engine: a MONAI trainer.
        """
        if idist.get_rank() == 0:
            engine.add_event_handler(Events.STARTED, self.start)
            engine.add_event_handler(Events.EPOCH_COMPLETED, self.compare)
            engine.add_event_handler(Events.COMPLETED, self.warn)

    def start(self, engine: Engine) -> None:
        """Forget an earlier training.

        Args:
            engine: a MONAI trainer.
        """
        self._best = 0.0

    def compare(self, engine: Engine) -> None:
        """Keep the best epoch's balanced accuracy.

        Args:
            engine: a MONAI trainer.
        """
        if validated(engine, self.evaluator):
            self._best = max(self._best, float(self.evaluator.state.metrics[self.metric]))

    def warn(self, engine: Engine) -> None:
        """Warn if no epoch was better than chance.

        Args:
            engine: a MONAI trainer.
        """
        if self._best and self._best < self.chance + self.margin:
            warnings.warn(
                f"The network does no better than guessing on the validation images: its best balanced accuracy, "
                f"without an attack, is {self._best:.1%}, and a constant answer gets {self.chance:.1%}.",
                stacklevel=1,
            )
