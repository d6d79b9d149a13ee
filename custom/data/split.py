"""Splits that keep groups (lesions, patients) together and reach their counts exactly."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from random import Random

from custom.counts import counted

ATTEMPTS = 20
"""Shuffles after which a split is held to be impossible; with some lesions of one image one suffices."""


class InexactSplitError(ValueError):
    """Whole groups cannot make up the counts exactly."""


def split_by_group(
    labels: Sequence[int], groups: Sequence[str], counts: Mapping[str, int], seed: int = 0
) -> dict[str, list[int]]:
    """Draw splits with an exact number of images per class, without any group on two sides.

    The groups of each class are shuffled; the splits are filled one after another, the first named last, from
    whole groups: a group is taken wherever the following ones can still complete the count exactly (a
    subset sum).

    Args:
        labels: the class of each image.
        groups: the group of each image, for instance its lesion. To split by image, give every image its own.
        counts: images *of each class* in each split, for instance ``{"training": 720, "validation": 80,
            "test": 299}``.
        seed: of the shuffle.

    Returns:
        For each split the indices of its images, in shuffled order.

    Raises:
        ValueError: a group has images of two classes, or a class has too few images.
        InexactSplitError: whole groups cannot make up exactly these counts.

    Example::

        >>> splits = split_by_group([0, 0, 0, 1, 1], ["a", "a", "b", "c", "d"], {"training": 1, "test": 1})
        >>> len(splits["training"]), len(splits["test"])
        (2, 2)

    """
    members: dict[str, list[int]] = defaultdict(list)
    for index, group in enumerate(groups):
        members[group].append(index)
    for group, indices in members.items():
        if len({labels[i] for i in indices}) > 1:
            raise ValueError(f"{group} has images of two classes, so its images cannot be split by class.")
    random = Random(seed)
    splits: dict[str, list[int]] = {name: [] for name in counts}
    for label in sorted(set(labels)):
        rest = sorted(group for group, indices in members.items() if labels[indices[0]] == label)
        available = sum(len(members[group]) for group in rest)
        if available < sum(counts.values()):
            wanted = sum(counts.values())
            raise ValueError(f"class {label} has {counted(available, 'image')}, fewer than the {wanted} asked for.")
        filled = None
        for _ in range(ATTEMPTS):
            random.shuffle(rest)
            filled = _fill([len(members[group]) for group in rest], counts)
            if filled is not None:
                break
        if filled is None:
            raise InexactSplitError(
                f"whole groups of class {label} cannot make up exactly {_listed(counts)} images; "
                "take other counts or another seed, or split by image."
            )
        for name, chosen in filled.items():
            splits[name] += [index for i in chosen for index in members[rest[i]]]
    for indices in splits.values():
        random.shuffle(indices)
    return splits


def largest_split(
    labels: Sequence[int], groups: Sequence[str], counts: Mapping[str, int], seed: int = 0
) -> tuple[dict[str, int], dict[str, list[int]]]:
    """Draw the split that is asked for, or, if there are too few images, the largest one in the same proportions.

    Args:
        labels: the class of each image.
        groups: the group of each image.
        counts: images of each class in each split that one would like; the first one takes what rounding
            leaves.
        seed: of the shuffle.

    Returns:
        The counts reached and the split, as `split_by_group` returns it.

    Raises:
        ValueError: a class has too few images for one in every split.

    """
    smallest = min(Counter(labels).values(), default=0)
    for total in range(min(smallest, sum(counts.values())), len(counts) - 1, -1):
        fitting = scale_counts(counts, total)
        if min(fitting.values()) < 1:
            break
        try:
            return fitting, split_by_group(labels, groups, fitting, seed)
        except InexactSplitError:
            continue
    raise ValueError(f"the smallest class has {counted(smallest, 'image')}, too few for one in every split.")


def scale_counts(counts: Mapping[str, int], total: int) -> dict[str, int]:
    """Scale counts down to a total in the same proportions, at least 1; the first takes what is left.

    Example::

        >>> scale_counts({"training": 720, "validation": 80, "test": 299}, 766)
        {'training': 503, 'validation': 55, 'test': 208}

    """
    scaled = {name: max(1, count * total // sum(counts.values())) for name, count in counts.items()}
    first = next(iter(scaled))
    scaled[first] += total - sum(scaled.values())
    return scaled


def _fill(sizes: Sequence[int], counts: Mapping[str, int]) -> dict[str, list[int]] | None:
    """Return for each split the indices of groups that make up its count, or ``None``."""
    left = list(range(len(sizes)))
    filled: dict[str, list[int]] = {}
    for name in reversed(list(counts)):
        chosen = _exact_subset([sizes[i] for i in left], counts[name])
        if chosen is None:
            return None
        filled[name] = [left[k] for k in chosen]
        taken = set(filled[name])
        left = [i for i in left if i not in taken]
    return filled


def _listed(counts: Mapping[str, int]) -> str:
    return " + ".join(f"{count} {name}" for name, count in counts.items())


def _exact_subset(sizes: Sequence[int], target: int) -> list[int] | None:
    """Return indices of sizes that add up to the target, preferring early ones, or ``None``."""
    limit = (1 << (target + 1)) - 1
    reachable = [1]  # bit s of reachable[k]: the last k sizes have a subset with sum s
    for size in reversed(sizes):
        reachable.append((reachable[-1] | reachable[-1] << size) & limit)
    if not reachable[-1] >> target & 1:
        return None
    chosen = []
    for index, size in enumerate(sizes):
        if size <= target and reachable[len(sizes) - index - 1] >> (target - size) & 1:
            chosen.append(index)
            target -= size
    return chosen
