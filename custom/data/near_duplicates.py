"""Images that look the same, by perceptual hashes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

_BITS = 256
_BANDS = 16
_LEAST_BITS = 16


def find_near_duplicates(
    hashes: Mapping[str, int], splits: Mapping[str, str], distance: int = 10
) -> list[tuple[str, str, int]]:
    """Find pairs of images in different splits whose hashes differ in few bits.

    The hashes are cut into 16 bands of 16 bits. Two that differ in at most 15 bits agree in at least one band, so
    only images that share a band are compared.

    Args:
        hashes: for each image its perceptual hash of 256 bits, see
            :func:`custom.data.check_images.perceptual_hash`. Hashes of fewer than 16 bits are those of images without
            structure, which all look the same, and are left out; so are bands that more than 1000 images share.
        splits: for each image its split.
        distance: largest number of different bits, at most 15.

    Returns:
        Pairs of names with the number of different bits, the most similar first.

    Raises:
        ValueError: ``distance`` is out of range.

    Example::

        >>> find_near_duplicates({"a": 2**40 - 1, "b": 2**40 - 2}, {"a": "training", "b": "test"})
        [('a', 'b', 1)]

    """
    if not 0 <= distance < _BANDS:
        raise ValueError(f"The distance is {distance}; it must be 0 to {_BANDS - 1}.")
    width = _BITS // _BANDS
    shared: dict[tuple[int, int], list[str]] = defaultdict(list)
    for name, value in hashes.items():
        if value.bit_count() < _LEAST_BITS:
            continue
        for band in range(_BANDS):
            shared[band, value >> band * width & (1 << width) - 1].append(name)
    found: dict[tuple[str, str], int] = {}
    for names in shared.values():
        for first, second in _pairs_across(names, splits):
            bits = (hashes[first] ^ hashes[second]).bit_count()
            if bits <= distance:
                found[first, second] = bits
    return sorted(((*pair, bits) for pair, bits in found.items()), key=lambda entry: (entry[2], entry[:2]))


def _pairs_across(names: Sequence[str], splits: Mapping[str, str]) -> list[tuple[str, str]]:
    """Pairs of different splits; a band that very many images share says nothing of them."""
    if len(names) > 1000:
        return []
    return [
        (min(first, second), max(first, second))
        for index, first in enumerate(names)
        for second in names[index + 1 :]
        if splits[first] != splits[second]
    ]
