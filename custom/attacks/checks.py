"""Checks of attacks' arguments, each with one sentence for what is wrong."""

import math
from numbers import Integral, Real


def check_not_negative(name: str, value: object) -> None:
    """Raise unless a value is a finite number >= 0.

    Raises:
        ValueError: it is not.
    """
    if not isinstance(value, Real) or not 0 <= float(value) < math.inf:
        raise ValueError(f"{name} must be a finite number >= 0, not {value}.")


def check_positive(name: str, value: object) -> None:
    """Raise unless a value is a finite number > 0.

    Raises:
        ValueError: it is not.
    """
    if not isinstance(value, Real) or not 0 < float(value) < math.inf:
        raise ValueError(f"{name} must be greater than 0 and finite, not {value}.")


def check_count(name: str, value: object) -> None:
    """Raise unless a value is a whole number >= 1.

    Raises:
        ValueError: it is not.
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or value < 1:
        raise ValueError(f"{name} must be a whole number, at least 1, not {value}.")
