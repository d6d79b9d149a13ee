"""Images that look the same, by perceptual hashes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

_BYTES = 32
"""Bytes of a hash."""
_LEAST_BITS = 16
_PAIRS = 2**21
"""Pairs that are compared at once, 64 MiB."""

DISTANCE = 16
"""Different bits of 256 up to which two images look the same.

Of dermoscopic images, one that was compressed again at quality 60 or made brighter differs from itself in at most 13,
with half of its size in 12 (9 of 10 images), without 2 % of its border in 17; two others in at least 46.
"""
LARGEST_DISTANCE = 64


def find_near_duplicates(
    hashes: Mapping[str, int], splits: Mapping[str, str], distance: int = DISTANCE
) -> list[tuple[str, str, int]]:
    """Find pairs of images in different splits whose hashes differ in few bits.

    Every pair is compared; the time grows with the square of the number of images (10 000 take about a second).

    Args:
        hashes: for each image its perceptual hash of 256 bits, see
            :func:`custom.data.check_images.perceptual_hash`. Hashes of fewer than 16 bits are those of images without
            structure, which all look the same, and are left out.
        splits: for each image its split.
        distance: largest number of different bits, at most 64.

    Returns:
        Pairs of names with the number of different bits, the most similar first.

    Raises:
        ValueError: ``distance`` is out of range.

    Example::

        >>> find_near_duplicates({"a": 2**40 - 1, "b": 2**40 - 2}, {"a": "training", "b": "test"})
        [('a', 'b', 1)]

    """
    if not 0 <= distance <= LARGEST_DISTANCE:
        raise ValueError(f"The distance is {distance}; it must be 0 to {LARGEST_DISTANCE}.")
    names: dict[str, list[str]] = {}
    for name, value in hashes.items():
        if value.bit_count() >= _LEAST_BITS:
            names.setdefault(splits[name], []).append(name)
    found = []
    groups = list(names.values())
    for place, first in enumerate(groups):
        for second in groups[place + 1 :]:
            for left, right, bits in _close_pairs(_words(first, hashes), _words(second, hashes), distance):
                pair = sorted((first[left], second[right]))
                found.append((pair[0], pair[1], bits))
    return sorted(found, key=lambda entry: (entry[2], entry[:2]))


def _words(names: Sequence[str], hashes: Mapping[str, int]) -> NDArray[np.uint64]:
    """The hashes as four words each, shape (N, 4)."""
    content = b"".join(hashes[name].to_bytes(_BYTES, "little") for name in names)
    return np.frombuffer(content, dtype="<u8").reshape(len(names), -1)


def _close_pairs(first: NDArray[np.uint64], second: NDArray[np.uint64], distance: int) -> list[tuple[int, int, int]]:
    """Indices of the pairs that differ in few bits, and in how many."""
    found = []
    step = max(1, _PAIRS // len(second))
    for start in range(0, len(first), step):
        some = first[start : start + step]
        bits = np.zeros((len(some), len(second)), dtype=np.int64)
        for word in range(first.shape[1]):
            bits += np.bitwise_count(some[:, word, None] ^ second[None, :, word])
        found += [(start + int(i), int(j), int(bits[i, j])) for i, j in np.argwhere(bits <= distance)]
    return found
