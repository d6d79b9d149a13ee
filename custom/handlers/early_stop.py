"""Early stopping that waits for the end of the warm-up and survives a checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ignite.engine import Engine
from monai.handlers import EarlyStopHandler

from custom.handlers.validated import validated


class EarlyStopAfterWarmUp(EarlyStopHandler):
    """MONAI's early stopping, except that epochs of the warm-up do not count against the patience.

    While only the head is trained, validation soon stops to improve; stopping there would leave the body
    untrained. Attach it to the trainer, after the handler that validates.

    Args:
        patience: number of epochs without a better score after which training stops, at least 1.
        evaluator: the engine that validates.
        score_name: name of the evaluator's metric to watch, higher is better.
        warm_up: number of the trainer's first epochs that do not count.

    Example::

        >>> from ignite.engine import Engine
        >>> from custom.handlers import EarlyStopAfterWarmUp
        >>> evaluator = Engine(lambda engine, batch: None)
        >>> handler = EarlyStopAfterWarmUp(5, evaluator, "val_accuracy_mean", warm_up=10)

    """

    def __init__(self, patience: int, evaluator: Engine, score_name: str, warm_up: int = 0) -> None:
        super().__init__(patience=patience, score_function=lambda _: evaluator.state.metrics[score_name])
        self.evaluator = evaluator
        self.warm_up = warm_up

    def attach(self, engine: Engine) -> None:
        """Attach to the trainer that is to stop.

        Args:
            engine: the trainer.
        """
        self.set_trainer(engine)
        super().attach(engine)

    def __call__(self, engine: Engine) -> None:
        """Compare the epoch's score with the best so far, unless it belongs to the warm-up or was not validated.

        Args:
            engine: the trainer whose epoch has ended.
        """
        if engine.state.epoch > self.warm_up and validated(engine, self.evaluator):
            super().__call__(engine)

    def state_dict(self) -> dict[str, Any]:
        """The best score and the number of epochs without a better one."""
        return {"counter": self._watch.counter, "best_score": self._watch.best_score}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over the state of a checkpoint.

        Args:
            state_dict: what :meth:`state_dict` gave.
        """
        self._watch.counter = state_dict["counter"]
        self._watch.best_score = state_dict["best_score"]

    @property
    def _watch(self) -> Any:
        if self._handler is None:
            raise RuntimeError("Early stopping has no state before it is attached to a trainer.")
        return self._handler
