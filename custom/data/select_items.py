"""Some images of a split."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any


def select_items(items: Sequence[Mapping[str, Any]], images_per_class: int | None = None) -> list[dict[str, Any]]:
    """Take the first items of each class, those with a lesion mask before the others.

    Args:
        items: of a datalist, with ``label`` and, if there is one, ``mask``.
        images_per_class: how many of each class; ``None`` for all.

    Returns:
        The chosen items: masked ones first, otherwise in their order.

    Raises:
        ValueError: if none is asked for.

    Example::

        >>> from custom.data import select_items
        >>> items = [{"label": 0, "image": "a"}, {"label": 0, "image": "b", "mask": "m"}]
        >>> select_items(items, images_per_class=1)
        [{'label': 0, 'image': 'b', 'mask': 'm'}]

    """
    if images_per_class is not None and images_per_class < 1:
        raise ValueError(f"images_per_class is {images_per_class}; it must be 1 or more, or null for all.")
    counts: Counter[int] = Counter()
    chosen = []
    for item in sorted(items, key=lambda entry: "mask" not in entry):
        counts[item["label"]] += 1
        if images_per_class is None or counts[item["label"]] <= images_per_class:
            chosen.append(dict(item))
    return chosen
