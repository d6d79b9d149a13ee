"""What is wrong with a prepared data set, before hours are spent on it: every image is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from custom.data.check_images import ImageFacts, check_images
from custom.data.check_items import check_copies, read_items
from custom.data.data_report import ERROR, WARNING, DataReport, Finding
from custom.data.datalist_properties import class_names, intensity_window
from custom.data.decoded_image import UnreadableImageError
from custom.data.find_files import printable
from custom.data.near_duplicates import DISTANCE, find_near_duplicates
from custom.data.nuisances import find_nuisances
from custom.data.sources import SourceFile, Sources


def check_data(path: Path, distance: int = DISTANCE) -> DataReport:
    """Read every image of a datalist, and look for what is wrong.

    Args:
        path: a ``datalist.json``, or the folder that holds it.
        distance: bits in which the perceptual hashes of near duplicates differ at most; 0 to 64.

    Returns:
        The counts, properties and findings.

    Raises:
        FileNotFoundError: there is no such datalist, or files that it names are missing.
        ValueError: it is not a datalist, or an image is in two splits.

    """
    items, report = read_items(path)
    with Sources([]) as sources:
        files = [SourceFile(path, series=path.is_dir()) for path in (Path(item["image"]) for item in items)]
        outcomes = dict(zip((item["image_id"] for item in items), check_images(sources, files), strict=True))
    facts = {name: outcome for name, outcome in outcomes.items() if not isinstance(outcome, UnreadableImageError)}
    unreadable = [f"{name} ({why})" for name, why in outcomes.items() if isinstance(why, UnreadableImageError)]
    report.add(ERROR, "images that cannot be read", [printable(name) for name in unreadable])
    readable = [item for item in items if item["image_id"] in facts]
    if readable:
        check_values(report, facts, intensity_window(path)["bits"])
        check_copies(report, readable, {name: fact.sha256 for name, fact in facts.items()})
        _check_likeness(report, readable, facts, distance)
        report_nuisances(report, readable, facts, class_names(path))
        describe(report, [facts[item["image_id"]] for item in readable])
        low, high = min(fact.low for fact in facts.values()), max(fact.high for fact in facts.values())
        report.properties["values"] = {f"{low:g} to {high:g}": len(facts)}
    return report


def check_values(report: DataReport, facts: Mapping[str, ImageFacts], bits: int) -> None:
    """Report images without structure, and those that the intensity window is not for.

    Args:
        report: gets the findings.
        facts: what is known of each image, by its id.
        bits: bits per sample of the window.

    """
    flat = [printable(name) for name, fact in facts.items() if fact.constant or fact.low == fact.high]
    report.add(WARNING, "images with one value throughout", flat)
    images = {name: fact for name, fact in facts.items() if not fact.is_volume}
    report.add(
        ERROR,
        f"images without the {bits} bits per sample of the intensity window",
        [f"{printable(name)} ({fact.bits})" for name, fact in images.items() if fact.bits != bits],
    )
    if 0 < len(images) < len(facts):
        report.add(ERROR, "volumes among images", [printable(name) for name in facts if name not in images])


def report_nuisances(
    report: DataReport, items: Sequence[Mapping[str, Any]], facts: Mapping[str, ImageFacts], names: Sequence[str]
) -> None:
    """Report properties of the files that give a class away.

    Args:
        report: gets the findings.
        items: the items that were read.
        facts: what is known of each image, by its id.
        names: the classes.

    """
    used = [facts[item["image_id"]] for item in items]
    for sentence in find_nuisances(used, [item["label"] for item in items], names):
        report.findings.append(Finding(WARNING, f"a property that gives a class away: {printable(sentence)}"))


def describe(report: DataReport, facts: Sequence[ImageFacts]) -> None:
    """Add how many images have which format, size, channels, bits and EXIF orientation.

    Args:
        report: gets the properties.
        facts: what is known of the images.

    """
    report.properties["format"] = _counted(fact.format for fact in facts)
    report.properties["size"] = _counted(" x ".join(map(str, fact.size)) for fact in facts)
    report.properties["channels"] = _counted(fact.channels for fact in facts)
    report.properties["bits per sample"] = _counted(fact.bits for fact in facts)
    if any(fact.orientation != 1 for fact in facts):
        report.properties["EXIF orientation"] = _counted(fact.orientation for fact in facts)


def _check_likeness(
    report: DataReport, items: Sequence[Mapping[str, Any]], facts: Mapping[str, ImageFacts], distance: int
) -> None:
    """Report images in different splits that look the same, but are different files."""
    splits = {item["image_id"]: item["split"] for item in items}
    near = [
        printable(f"{first} ({splits[first]}) ~ {second} ({splits[second]})")
        for first, second, _ in find_near_duplicates({name: facts[name].hash for name in splits}, splits, distance)
        if facts[first].sha256 != facts[second].sha256
    ]
    report.add(WARNING, "images in different splits that look the same", near)


def _counted(values: Any) -> dict[str, int]:
    return {str(value): count for value, count in Counter(values).most_common()}
