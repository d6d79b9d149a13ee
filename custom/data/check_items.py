"""What a datalist and the hashes of its files tell: counts, groups and copies."""

from __future__ import annotations

import warnings
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from custom.data.data_report import ERROR, WARNING, DataReport, Finding
from custom.data.datalist import SharedGroupsWarning, load_datalist
from custom.data.datalist_properties import class_names, splits_of
from custom.data.find_files import printable

MAX_IMBALANCE = 20
"""Ratio of the largest to the smallest class from which a warning is given."""


def read_items(path: Path) -> tuple[list[dict[str, Any]], DataReport]:
    """Read all items of a datalist, and report their counts, missing classes and groups in several splits.

    Args:
        path: a ``datalist.json``, or the folder that holds it.

    Returns:
        The items, with their ``split``, and the report.

    Raises:
        FileNotFoundError: there is no such datalist, or files that it names are missing.
        ValueError: it is not a datalist, or an image is in two splits.

    """
    names, splits = class_names(path), splits_of(path)
    if not splits:
        raise ValueError(f"{path} has no images: every split is empty.")
    items: list[dict[str, Any]] = []
    said: list[Finding] = []
    for split in splits:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            items += [{**item, "split": split} for item in load_datalist(path, split)]
        said += [
            Finding(ERROR if issubclass(warning.category, SharedGroupsWarning) else WARNING, str(warning.message))
            for warning in caught
        ]
    counts = {split: Counter(names[i["label"]] for i in items if i["split"] == split) for split in splits}
    report = DataReport({split: {name: count[name] for name in names} for split, count in counts.items()})
    report.findings.extend(said)
    training = [count for count in report.counts.get("training", {}).values() if count]
    if training and max(training) > MAX_IMBALANCE * min(training):
        kind = f"classes of which one has more than {MAX_IMBALANCE} times as many training images as another"
        report.findings.append(Finding(WARNING, kind))
    return items, report


def check_copies(report: DataReport, items: Sequence[Mapping[str, Any]], hashes: Mapping[str, str]) -> None:
    """Report identical files, by what they mean for a training.

    Args:
        report: gets the findings.
        items: the items, with their ``split``.
        hashes: the hash of each item's file, by ``image_id``.

    """
    same: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for item in items:
        same[hashes[item["image_id"]]].append(item)
    kinds: dict[str, list[str]] = {
        kind: [] for kind in ("with different labels", "in different splits", "of different groups", "in one split")
    }
    for group in (group for group in same.values() if len(group) > 1):
        told = printable(" = ".join(item["image_id"] for item in group))
        labels, splits = ({item[key] for item in group} for key in ("label", "split"))
        # Every image may be a group of its own; what counts is an identifier that somebody has given.
        groups = {item["lesion_id"] for item in group if item["lesion_id"] != item["image_id"]}
        if len(labels) > 1:
            kinds["with different labels"].append(told)
        if len(splits) > 1:
            kinds["in different splits"].append(told)
        elif len(groups) > 1:
            kinds["of different groups"].append(told)
        elif len(labels) == 1:
            kinds["in one split"].append(told)
    for kind, names in kinds.items():
        severity = ERROR if kind in ("with different labels", "in different splits") else WARNING
        report.add(severity, f"identical files {kind}", names)
