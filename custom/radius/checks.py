"""Checks of the arguments of radius functions."""

from __future__ import annotations

import math


def check_not_negative(**values: float) -> None:
    """Raise unless every value is a finite number of at least 0.

    Args:
        values: the arguments by their names.

    Raises:
        ValueError: one is not; the message names it.

    Example::

        >>> check_not_negative(epsilon=0.3, gamma=0)

    """
    for name, value in values.items():
        if not isinstance(value, int | float) or not 0 <= value < math.inf:
            raise ValueError(f"{name} must be a number of at least 0, got {value}.")
