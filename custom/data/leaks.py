"""Images that would be on both sides of a split, or under two labels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from custom.data.forms.recognized import Problem
from custom.data.sample import Sample

_ORDER = ("training", "validation", "test")


def separate_contradictions(
    samples: Sequence[Sample], hashes: Mapping[str, str], classes: Sequence[str]
) -> tuple[list[Sample], list[Problem]]:
    """Take out identical files that have different labels.

    Args:
        samples: the samples.
        hashes: for each image id the hash of its file.
        classes: names of the classes.

    Returns:
        The others, and the contradictions, each with all its names.

    """
    same = _by(samples, lambda sample: hashes[sample.image_id])
    contradictory = {key: group for key, group in same.items() if len({sample.label for sample in group}) > 1}
    told = [
        _about(group, " = ".join(f"{sample.image_id} ({classes[sample.label]})" for sample in group))
        for group in contradictory.values()
    ]
    return [sample for sample in samples if hashes[sample.image_id] not in contradictory], told


def join_identical(samples: Sequence[Sample], hashes: Mapping[str, str]) -> tuple[list[Sample], list[str]]:
    """Put groups that share an identical file into one group, so that no split separates them.

    Args:
        samples: the samples.
        hashes: for each image id the hash of its file.

    Returns:
        The samples with their groups, and for each set of identical files one text with their names.

    """
    parent: dict[str, str] = {sample.lesion_id: sample.lesion_id for sample in samples}

    def root(name: str) -> str:
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    told = []
    for group in _by(samples, lambda sample: hashes[sample.image_id]).values():
        if len(group) > 1:
            told.append(" = ".join(sample.image_id for sample in group))
        for sample in group[1:]:
            first, second = sorted((root(group[0].lesion_id), root(sample.lesion_id)))
            parent[second] = first
    return [replace(sample, lesion_id=root(sample.lesion_id)) for sample in samples], told


def separate_leaks(samples: Sequence[Sample]) -> tuple[list[Sample], list[Problem]]:
    """Take images out of training (or validation) whose group is in a later split, too.

    Args:
        samples: samples with the splits that the data set itself assigns.

    Returns:
        The samples without those, and the groups that are in several splits, each with the images that were taken out.

    """
    last: dict[str, str] = {}
    told = []
    for name, group in _by(samples, lambda sample: sample.lesion_id).items():
        splits = {sample.split for sample in group if sample.split}
        last[name] = max(splits, key=_ORDER.index, default="")
        if len(splits) > 1:
            listed = ", ".join(f"{sample.image_id} in {sample.split}" for sample in group[:4])
            taken_out = [sample for sample in group if sample.split not in (None, last[name])]
            told.append(_about(taken_out, f"{name}: {listed}{', ...' if len(group) > 4 else ''}"))
    kept = [sample for sample in samples if sample.split in (None, last[sample.lesion_id])]
    return kept, told


def _about(samples: Iterable[Sample], text: str) -> Problem:
    return Problem(text, tuple(sample.image_id for sample in samples), text)


def _by(samples: Iterable[Sample], key: Callable[[Sample], str]) -> dict[str, list[Sample]]:
    groups: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        groups[key(sample)].append(sample)
    return groups
