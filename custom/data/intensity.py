"""The declared range of an image's values, which becomes [0, 1]."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

BITS = (8, 16, 32)


@dataclass(frozen=True)
class IntensityWindow:
    """Which values a data set's images hold, and which of them are black and white.

    A pixel value ``v`` becomes ``(v - low) / (high - low)``, clipped to [0, 1]. The window belongs to the data set, not
    to an image, so that equal tissue gets equal values in every image.

    Args:
        bits: bits per sample: 8, 16 (9 to 16 stored bits) or 32 (also floating point).
        low: the value that becomes 0.
        high: the value that becomes 1.

    Raises:
        ValueError: ``bits`` is not one of the three, or ``low`` is not below ``high``.

    Example::

        >>> IntensityWindow(16, 0, 4095).as_dict()
        {'bits': 16, 'low': 0, 'high': 4095}

    """

    bits: int = 8
    low: float = 0.0
    high: float = 255.0

    def __post_init__(self) -> None:
        if self.bits not in BITS:
            raise ValueError(f"The intensity window has {self.bits!r} bits; it must be 8, 16 or 32.")
        for name, value in (("low", self.low), ("high", self.high)):
            if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
                raise ValueError(f"The intensity window's {name} is {value!r}; it must be a finite number.")
        if self.low >= self.high:
            raise ValueError(f"The intensity window goes from {self.low:g} to {self.high:g}; low must be below high.")
        if self.bits == 8 and not (self.low >= 0 and self.high <= 255):
            raise ValueError(
                f"The intensity window of 8 bits goes from {self.low:g} to {self.high:g}; it must lie within 0 to 255."
            )

    @classmethod
    def from_mapping(cls, written: Mapping[str, Any] | None) -> IntensityWindow:
        """Read ``{"bits": 16, "low": 0, "high": 4095}``; ``None`` stands for 8 bits from 0 to 255.

        Raises:
            ValueError: it is something else.
        """
        if written is None:
            return cls()
        if not isinstance(written, Mapping) or set(written) != {"bits", "low", "high"}:
            raise ValueError(
                f'The intensity window is {written!r}; it must be written as {{"bits": 16, "low": 0, "high": 4095}}.'
            )
        return cls(**written)

    def as_dict(self) -> dict[str, Any]:
        """``bits``, ``low`` and ``high``, as a datalist, a config and a network card hold them."""
        return asdict(self)


_DEPTHS = (10, 12, 14, 16)


def choose_window(
    bits: int, low: float, high: float, given: tuple[float, float] | None = None
) -> tuple[IntensityWindow, str]:
    """Choose a data set's intensity window, and say why.

    Args:
        bits: bits per sample of its images.
        low: the smallest value of all images.
        high: the largest value of all images.
        given: the window that the user wants, as low and high.

    Returns:
        The window: the given one; 0 to 255 for 8 bits; for 16 bits 0 to the largest value of 10, 12, 14 or 16 bits
        that holds all values; and a sentence.

    Raises:
        ValueError: values are negative, or of 32 bits and not in [0, 1], and no window is given.

    """
    if given is not None:
        window = IntensityWindow(bits, *given)
        return window, f"Intensity window as given: {window.low:g} becomes 0 and {window.high:g} becomes 1."
    if bits == 8:
        return IntensityWindow(), "Images of 8 bits: 0 becomes 0 and 255 becomes 1."
    reach = f"The images have {bits} bits and values from {low:g} to {high:g}"
    if bits == 32 and low >= 0 and high <= 1:
        return IntensityWindow(32, 0.0, 1.0), f"{reach}: they are taken as they are."
    if bits == 32 or low < 0:
        raise ValueError(f"{reach}; say with --window LOW HIGH which values become black and white.")
    top = next(2**depth - 1 for depth in _DEPTHS if high < 2**depth)
    return IntensityWindow(16, 0.0, float(top)), f"{reach}: 0 becomes 0 and {top} becomes 1; --window changes that."
