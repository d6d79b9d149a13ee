"""Predictions of all test images as short texts."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray


def digits(values: NDArray[Any]) -> str:
    """One character an image: a class's index or 0 and 1 for wrong and right."""
    if len(values) and int(values.max()) > 9:
        raise ValueError("A study's records have room for ten classes.")
    return "".join(str(int(value)) for value in values)


def from_digits(text: str) -> NDArray[np.int64]:
    """The inverse of `digits`."""
    return np.array([int(letter) for letter in text], dtype=np.int64)


def pack(probabilities: NDArray[np.float64]) -> str:
    """Probabilities in 16 bits each, as text."""
    return base64.b64encode(np.round(probabilities * 65535).astype("<u2").tobytes()).decode()


def unpack(text: str, classes: int) -> NDArray[np.float64]:
    """The inverse of `pack`, shape (N, classes)."""
    values = np.frombuffer(base64.b64decode(text), dtype="<u2").astype(np.float64).reshape(-1, classes)
    return values / values.sum(axis=1, keepdims=True)
