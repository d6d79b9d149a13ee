"""MONAI's datalists, also those of the Medical Segmentation Decathlon's form that others wrote."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from custom.data.find_files import printable
from custom.data.forms.recognized import Recognized
from custom.data.intensity import IntensityWindow
from custom.data.sample import Sample
from custom.data.sources import SourceFile
from custom.files.read_json import read_json

SPLITS = ("training", "validation", "test")


def is_datalist(path: Path) -> bool:
    """Tell whether a path is a datalist, or a folder with one."""
    return datalist_in(path) is not None


def datalist_in(path: Path) -> Path | None:
    """Return the datalist that a path is or holds."""
    if path.is_dir():
        return next((path / name for name in ("datalist.json", "dataset.json") if (path / name).is_file()), None)
    return path if path.suffix.lower() == ".json" else None


def read_datalist(path: Path) -> Recognized:
    """Read the items of ``training``, ``validation`` and ``test`` that have a label.

    Args:
        path: the datalist, or the folder that holds it.

    Returns:
        The samples with the datalist's splits; ``lesion_id``, ``patient_id`` or ``group`` group them.

    Raises:
        ValueError: it is not a datalist of a classification.

    """
    file = datalist_in(path)
    if file is None:
        raise ValueError(f"{path} holds no datalist.")
    content = read_json(file, "it is not a datalist")
    if not isinstance(content.get("training"), list):
        raise ValueError(f'{file} is not a datalist: it needs "training" with items that have "image" and "label".')
    items = [(split, item) for split in SPLITS for item in content.get(split) or []]
    result = Recognized(f"a MONAI datalist ({file.name})", _classes(content.get("labels"), items, file), [])
    for split, item in items:
        if not isinstance(item, dict) or not isinstance(item.get("image"), str) or "label" not in item:
            name = item if isinstance(item, str) else json.dumps(item)[:80]
            result.left_out[printable(name)] = f"it has no image or label in {split!r}"
            continue
        label = _label(item["label"], result.classes, file)
        if "\0" in item["image"] or not isinstance(item.get("attributes") or {}, dict):
            raise ValueError(f"{file}: the item {json.dumps(item)[:80]} has no proper image or attributes.")
        image = SourceFile((file.parent / item["image"]).resolve(), None, _below(item["image"]))
        group = next((str(item[key]) for key in ("patient_id", "lesion_id", "group") if item.get(key)), "")
        result.grouped_by = result.grouped_by or ("the datalist" if group else None)
        name = str(item.get("image_id", image.short))
        mask = SourceFile((file.parent / item["mask"]).resolve()) if isinstance(item.get("mask"), str) else None
        if image.path.is_dir():
            image = replace(image, series=True)
        elif not image.path.is_file():
            result.add_problem("images of the datalist that do not exist", image.short)
            continue
        result.samples.append(Sample(name, group or name, label, image, mask, split, item.get("attributes") or {}))
    if content.get("intensity") is not None:
        result.window = IntensityWindow.from_mapping(content["intensity"])
    described = content.get("class_descriptions")
    if isinstance(described, dict):
        result.descriptions = {name: str(text) for name, text in described.items() if name in result.classes}
    result.notes.append("The splits are those of the datalist.")
    return result


def _below(written: str) -> PurePosixPath:
    """A path without what leads out of its folder."""
    return PurePosixPath(*(part for part in PurePosixPath(written).parts if part not in ("..", "/")))


def _classes(labels: Any, items: list[tuple[str, Any]], file: Path) -> list[str]:
    if isinstance(labels, list) and labels:
        labels = {str(index): name for index, name in enumerate(labels)}
    if isinstance(labels, dict) and labels:
        if sorted(labels) != sorted(str(index) for index in range(len(labels))):
            raise ValueError(f'{file} needs "labels" with the class names numbered from "0".')
        return [labels[str(index)] for index in range(len(labels))]
    numbers = [item["label"] for _, item in items if isinstance(item, dict) and type(item.get("label")) is int]
    if not numbers or min(numbers) < 0:
        raise ValueError(f"{file} has no labels that are numbers of classes: it is not a datalist of a classification.")
    return [str(number) for number in range(max(numbers) + 1)]


def _label(label: Any, classes: list[str], file: Path) -> int:
    if isinstance(label, str) and label in classes:
        return classes.index(label)
    if type(label) is not int or not 0 <= label < len(classes):
        raise ValueError(f"{file} has the label {label!r}, which should be a number from 0 to {len(classes) - 1}.")
    return label
