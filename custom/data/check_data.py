"""What is wrong with a prepared data set, before hours are spent on it."""

from __future__ import annotations

import warnings
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from custom.data.check_images import ImageFacts, check_images
from custom.data.datalist import class_names, intensity_window, load_datalist, splits_of
from custom.data.decoded_image import UnreadableImageError
from custom.data.find_files import printable
from custom.data.image_format import VOLUME
from custom.data.near_duplicates import find_near_duplicates
from custom.data.nuisances import find_nuisances
from custom.data.sources import SourceFile, Sources

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True)
class Finding:
    """Something that is wrong.

    Args:
        severity: ``error`` for what makes a training fail or its figures wrong, else ``warning``.
        kind: what it is.
        names: the images or groups it concerns.

    """

    severity: str
    kind: str
    names: list[str]


@dataclass(frozen=True)
class DataReport:
    """What is known of a data set.

    Args:
        counts: for each split the number of images of each class, by name.
        properties: for each property, such as the format, how many images have each value.
        findings: everything that is wrong.

    """

    counts: dict[str, dict[str, int]]
    properties: dict[str, dict[str, int]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def has_errors(self) -> bool:
        """Whether something makes a training fail or its figures wrong."""
        return any(finding.severity == ERROR for finding in self.findings)


def check_data(path: Path, distance: int = 10) -> DataReport:
    """Read every image of a datalist, and look for what is wrong.

    Args:
        path: a ``datalist.json``, or the folder that holds it.
        distance: bits in which the perceptual hashes of near duplicates differ at most; 0 to 15.

    Returns:
        The counts, properties and findings.

    Raises:
        FileNotFoundError: there is no such datalist, or files that it names are missing.
        ValueError: it is no datalist, or an image is in two splits.

    """
    names = class_names(path)
    if not splits_of(path):
        raise ValueError(f"{path} has no images: every split is empty.")
    items: list[dict[str, Any]] = []
    said: list[str] = []
    for split in splits_of(path):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            items += [{**item, "split": split} for item in load_datalist(path, split)]
        said += [str(warning.message) for warning in caught]
    counts = {split: Counter(names[i["label"]] for i in items if i["split"] == split) for split in splits_of(path)}
    report = DataReport({split: {name: count[name] for name in names} for split, count in counts.items()})
    report.findings.extend(Finding(ERROR if "groups are in" in text else WARNING, text, []) for text in said)
    with Sources([]) as sources:
        files = [SourceFile(Path(item["image"])) for item in items]
        outcomes = dict(zip((item["image_id"] for item in items), check_images(sources, files), strict=True))
    facts = {name: outcome for name, outcome in outcomes.items() if not isinstance(outcome, UnreadableImageError)}
    unreadable = [f"{name} ({why})" for name, why in outcomes.items() if isinstance(why, UnreadableImageError)]
    _add(report, ERROR, "images that cannot be read", unreadable)
    readable = [item for item in items if item["image_id"] in facts]
    if readable:
        _check_values(report, facts, intensity_window(path)["bits"])
        _check_copies(report, readable, facts, distance)
        _check_balance(report, names)
        used = [facts[item["image_id"]] for item in readable]
        for sentence in find_nuisances(used, [item["label"] for item in readable], names):
            _add(report, WARNING, f"a property that gives a class away: {sentence}", [])
        _describe(report, used)
    return report


def _add(report: DataReport, severity: str, kind: str, names: Sequence[str]) -> None:
    if names or kind.startswith("a property") or kind.startswith("classes"):
        report.findings.append(Finding(severity, kind, [printable(name) for name in names]))


def _check_values(report: DataReport, facts: Mapping[str, ImageFacts], bits: int) -> None:
    flat = [name for name, fact in facts.items() if fact.low == fact.high]
    _add(report, WARNING, "images with one value throughout", flat)
    images = {name: fact for name, fact in facts.items() if fact.format != VOLUME}
    _add(
        report,
        ERROR,
        f"images without the {bits} bits a sample of the intensity window",
        [f"{name} ({fact.bits})" for name, fact in images.items() if fact.bits != bits],
    )
    if 0 < len(images) < len(facts):
        _add(report, ERROR, "volumes among images", [name for name in facts if name not in images])


def _check_copies(
    report: DataReport, items: Sequence[Mapping[str, Any]], facts: Mapping[str, ImageFacts], distance: int
) -> None:
    splits = {item["image_id"]: item["split"] for item in items}
    labels = {item["image_id"]: item["label"] for item in items}
    same: dict[str, list[str]] = defaultdict(list)
    for name in splits:
        same[facts[name].sha256].append(name)
    copies = [group for group in same.values() if len(group) > 1]
    contradictions = [group for group in copies if len({labels[name] for name in group}) > 1]
    leaks = [group for group in copies if len({splits[name] for name in group}) > 1]
    rest = [group for group in copies if group not in contradictions and group not in leaks]
    _add(report, ERROR, "identical files with different labels", [" = ".join(group) for group in contradictions])
    _add(report, ERROR, "identical files in different splits", [" = ".join(group) for group in leaks])
    _add(report, WARNING, "identical files in one split", [" = ".join(group) for group in rest])
    hashes = {name: facts[name].hash for name in splits}
    near = [
        f"{first} ({splits[first]}) ~ {second} ({splits[second]})"
        for first, second, _ in find_near_duplicates(hashes, splits, distance)
        if facts[first].sha256 != facts[second].sha256
    ]
    _add(report, WARNING, "images in different splits that look the same", near)


def _check_balance(report: DataReport, names: Sequence[str]) -> None:
    training = report.counts.get("training", {})
    counts = [training[name] for name in names if training.get(name)]
    if counts and max(counts) > 20 * min(counts):
        _add(report, WARNING, "classes of which one has more than 20 times as many training images as another", [])


def _describe(report: DataReport, facts: Sequence[ImageFacts]) -> None:
    report.properties["format"] = _counted(fact.format for fact in facts)
    report.properties["size"] = _counted(" x ".join(map(str, fact.size)) for fact in facts)
    report.properties["channels"] = _counted(fact.channels for fact in facts)
    report.properties["bits a sample"] = _counted(fact.bits for fact in facts)
    low, high = min(fact.low for fact in facts), max(fact.high for fact in facts)
    report.properties["values"] = {f"{low:g} to {high:g}": len(facts)}


def _counted(values: Any) -> dict[str, int]:
    return {str(value): count for value, count in Counter(values).most_common()}
