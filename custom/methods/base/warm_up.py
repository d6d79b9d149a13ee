"""The first epochs of methods that begin as plain adversarial training."""

from __future__ import annotations

from ignite.engine import Engine

from custom.counts import counted


def checked_epochs(name: str, value: int) -> int:
    """A number of epochs.

    Raises:
        ValueError: if it is not a whole number of at least 0.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not (value >= 0 and value == int(value)):
        raise ValueError(f"{name} must be a whole number of at least 0, got {value}.")
    return int(value)


def check_warm_up(method: str, warm_up: int, engine: Engine) -> None:
    """Make sure that something comes after a warm-up.

    Args:
        method: name of the method.
        warm_up: number of epochs before the method adapts anything.
        engine: the trainer.

    Raises:
        ValueError: if the training has no more epochs than that.
    """
    epochs = engine.state.max_epochs
    if epochs is not None and warm_up >= epochs:
        raise ValueError(
            f"The warm_up of {method}, {counted(warm_up, 'epoch')}, is as long as the whole training of {epochs}, so "
            f"that no radius would be adapted; pass --method_options#warm_up with a smaller number, or train longer."
        )
