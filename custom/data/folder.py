"""Anyone's own images: folders named after the classes, or a table of images and labels."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from custom.data.sample import Sample
from custom.data.sources import SourceFile

IMAGE_ENDINGS = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff")
VOLUME_ENDINGS = (".nii", ".nii.gz")
GROUP_COLUMNS = ("lesion", "lesion_id", "patient", "patient_id", "group")


def read_class_folders(root: Path) -> tuple[list[str], list[Sample]]:
    """Find ``root/<class>/**/<image>``.

    Args:
        root: its folders name the classes; images and NIfTI volumes below them are taken.

    Returns:
        The class names, sorted, and the samples, each in a group of its own.

    Raises:
        NotADirectoryError: ``root`` is no folder.
        ValueError: there are fewer than two class folders with images.

    Example::

        >>> classes, samples = read_class_folders(Path("mine"))  # mine/benign/1.png, mine/malignant/2.png
        >>> classes
        ['benign', 'malignant']

    """
    if not root.is_dir():
        raise NotADirectoryError(
            f"{root} is not a folder: give one with a folder of images for each class, or a CSV file."
        )
    found = {
        folder.name: [
            f for f in sorted(folder.rglob("*")) if f.is_file() and is_image(f) and not f.name.startswith(".")
        ]
        for folder in sorted(root.iterdir())
        if folder.is_dir()
    }
    classes = [name for name, files in found.items() if files]
    if len(classes) < 2:
        raise ValueError(
            f"{root} needs at least two folders of images, named after the classes; it has {len(classes)}."
        )
    samples = []
    for label, name in enumerate(classes):
        for file in found[name]:
            image_id = file.relative_to(root).as_posix()
            samples.append(Sample(image_id, image_id, label, SourceFile(file.resolve())))
    return classes, samples


def read_table(path: Path) -> tuple[list[str], list[Sample]]:
    """Read a CSV file with the columns ``image`` (relative to the file), ``label`` and perhaps a group.

    The group is the first column named lesion, lesion_id, patient, patient_id or group: images of one group
    are never split. An empty cell makes an image a group of its own.

    Args:
        path: the table.

    Returns:
        The class names, sorted, and the samples.

    Raises:
        FileNotFoundError: the table or an image is missing.
        ValueError: a column is missing, an image is there twice, or there are fewer than two classes.

    """
    if not path.is_file():
        raise FileNotFoundError(f"There is no table {path}: give a CSV file with the columns image and label.")
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        columns = reader.fieldnames or []
        rows = list(reader)
    for needed in ("image", "label"):
        if needed not in columns:
            raise ValueError(f"{path} lacks the column {needed!r}: give image, label and perhaps patient.")
    group = next((name for name in GROUP_COLUMNS if name in columns), None)
    empty = [str(number) for number, row in enumerate(rows, 2) if not row["image"] or not row["label"]]
    if empty:
        raise ValueError(f"{path}: the lines {', '.join(empty)} lack an image or a label.")
    twice = [name for name, count in Counter(row["image"] for row in rows).items() if count > 1]
    if twice:
        raise ValueError(f"{path}: {len(twice)} images are there twice: {', '.join(twice)}.")
    missing = [row["image"] for row in rows if not (path.parent / row["image"]).is_file()]
    if missing:
        raise FileNotFoundError(f"{path}: {len(missing)} images do not exist, the first is {path.parent / missing[0]}.")
    classes = sorted({row["label"] for row in rows})
    if len(classes) < 2:
        raise ValueError(f"{path} needs at least two different labels; it has {len(classes)}.")
    return classes, [_sample(path.parent, row, group, classes) for row in rows]


def find_table(path: Path) -> Path | None:
    """Return the table that a path is or holds, ``None`` for a folder without one.

    Args:
        path: a CSV file, or a folder that may have one at its top.

    Raises:
        ValueError: the folder has several.

    """
    if not path.is_dir():
        return path if path.suffix.lower() == ".csv" else None
    tables = sorted(file for file in path.glob("*.csv") if not file.name.startswith("."))
    if len(tables) > 1:
        raise ValueError(f"{path} holds {len(tables)} CSV files: name the one with the columns image and label.")
    return tables[0] if tables else None


def is_image(file: Path) -> bool:
    """Tell whether a name is that of an image or a volume that can be read."""
    return file.name.lower().endswith(IMAGE_ENDINGS + VOLUME_ENDINGS)


def is_volume(file: SourceFile) -> bool:
    """Tell whether a name is that of a NIfTI volume."""
    return file.name.lower().endswith(VOLUME_ENDINGS)


def _sample(folder: Path, row: dict[str, str], group: str | None, classes: Sequence[str]) -> Sample:
    image = SourceFile((folder / row["image"]).resolve())
    name = (row[group] if group else "") or row["image"]
    return Sample(row["image"], name, classes.index(row["label"]), image)
