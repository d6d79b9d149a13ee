"""One data set split between several sites, as if each had collected its part."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from custom.data import load_datalist
from custom.data.split_ratio import split_by_ratio

SPLITS = ("training", "validation")
"""What is shared out; the test images are nobody's, as all are compared on them."""


def split_into_sites(
    datalist: str | os.PathLike[str], sites: Sequence[str], seed: int = 0
) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Split training and validation images between sites, in equal parts of each class, no lesion at two of them.

    Args:
        datalist: a ``datalist.json``, or the folder that holds it.
        sites: names of the sites, at least two, each another.
        seed: of the shuffle.

    Returns:
        For each site the items of its ``training`` and ``validation`` images, as
        :func:`custom.data.load_datalist` gives them.

    Raises:
        FileNotFoundError: there is no such datalist.
        ValueError: there are not two names, or a class has too few lesions for one at every site.

    Example::

        >>> from custom.federated import split_into_sites
        >>> parts = split_into_sites("data/synthetic", ["site-1", "site-2"])  # doctest: +SKIP

    """
    if len(sites) < 2 or len(set(sites)) < len(sites):
        raise ValueError(f"Federated learning needs at least two sites with different names, not {', '.join(sites)}.")
    parts: dict[str, dict[str, list[dict[str, Any]]]] = {site: {} for site in sites}
    for split in SPLITS:
        items = load_datalist(datalist, split)
        indices = split_by_ratio(
            [item["label"] for item in items],
            [item["lesion_id"] for item in items],
            {site: 1 / len(sites) for site in sites},
            seed,
        )
        for site in sites:
            parts[site][split] = [items[index] for index in indices[site]]
    return parts
