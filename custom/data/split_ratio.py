"""Splits in given ratios that keep groups together."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from random import Random

from custom.counts import counted


def split_by_ratio(
    labels: Sequence[int], groups: Sequence[str], ratios: Mapping[str, float], seed: int = 0
) -> dict[str, list[int]]:
    """Split all images in about the given ratios in every class, without any group on two sides.

    Groups, shuffled, then the largest first, go to the split that lacks most of the group's images. Groups
    may have images of several classes (a patient with two lesions). scikit-learn's ``StratifiedGroupKFold``
    does the same for parts of one size.

    Args:
        labels: the class of each image.
        groups: the group of each image, for instance its patient.
        ratios: share of each split; they add up to 1.
        seed: of the shuffle.

    Returns:
        For each split the indices of its images, in shuffled order.

    Raises:
        ValueError: the ratios are not above 0 or do not add up to 1, or a class does not reach every split.

    Example::

        >>> splits = split_by_ratio([0, 1] * 10, list("abcdefghijklmnopqrst"), {"training": 0.8, "test": 0.2})
        >>> len(splits["training"]), len(splits["test"])
        (16, 4)

    """
    if min(ratios.values()) <= 0 or abs(sum(ratios.values()) - 1) > 1e-6:
        raise ValueError(f"The ratios {', '.join(map(str, ratios.values()))} must all be above 0 and add up to 1.")
    members: dict[str, list[int]] = defaultdict(list)
    for index, group in enumerate(groups):
        members[group].append(index)
    random = Random(seed)
    order = sorted(members)
    random.shuffle(order)
    order.sort(key=lambda group: -len(members[group]))
    totals = Counter(labels)
    lacking = {name: {label: ratio * n for label, n in totals.items()} for name, ratio in ratios.items()}
    splits: dict[str, list[int]] = {name: [] for name in ratios}
    for group in order:
        content = Counter(labels[index] for index in members[group])
        # Measured in the split's own size, so that small splits get their share, too.
        need = {name: sum(lacking[name][k] * n for k, n in content.items()) / ratios[name] for name in ratios}
        chosen = max(ratios, key=need.__getitem__)
        splits[chosen] += members[group]
        for label, number in content.items():
            lacking[chosen][label] -= number
    for name, indices in splits.items():
        absent = sorted(set(totals) - {labels[index] for index in indices})
        if absent:
            raise ValueError(
                f"class {absent[0]} has too few groups for one in {name}: it has {counted(totals[absent[0]], 'image')}."
            )
        random.shuffle(indices)
    return splits
