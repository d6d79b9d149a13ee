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
        bits: bits a sample: 8, 16 (9 to 16 stored bits) or 32 (also floating point).
        low: the value that becomes 0.
        high: the value that becomes 1.

    Raises:
        ValueError: ``bits`` is none of the three, or ``low`` is not below ``high``.

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
