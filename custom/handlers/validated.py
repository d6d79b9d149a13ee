"""Whether an epoch was validated."""

from __future__ import annotations

from ignite.engine import Engine


def validated(trainer: Engine, evaluator: Engine) -> bool:
    """Whether the evaluator has validated the epoch that the trainer has just finished.

    MONAI's ``ValidationHandler`` runs the evaluator with the trainer's epoch as its own; with an interval, the
    metrics of the evaluator are those of an earlier epoch in between.

    Args:
        trainer: the trainer.
        evaluator: the engine that validates.

    Example::

        >>> from ignite.engine import Engine
        >>> from custom.handlers.validated import validated
        >>> validated(Engine(lambda e, b: None), Engine(lambda e, b: None))
        False

    """
    return trainer.state.epoch > 0 and evaluator.state.epoch == trainer.state.epoch
