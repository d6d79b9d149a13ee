"""What a data set's ``datalist.json`` says beside its images: classes, intensity window, spacing, groups, splits."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from custom.data.class_names import check_class_names
from custom.data.intensity import IntensityWindow
from custom.files.read_json import read_json

SPLITS = ("training", "validation", "test")
UNITS = ("lesion", "patient", "subject", "study", "slide")
MAKE_ONE = "`python scripts/make_synthetic.py --output DIR` or `python scripts/prepare.py PATH --output DIR`"


def class_names(path: str | os.PathLike[str]) -> list[str]:
    """Return the names of a datalist's classes in the order of their indices.

    Args:
        path: a ``datalist.json``, or the folder that holds it.

    Raises:
        FileNotFoundError: there is no such datalist.
        ValueError: it is not a datalist, or its classes are not numbered 0, 1, 2, ...

    """
    path, content = read_datalist(path)
    return names_of(content, path)


def class_descriptions(path: str | os.PathLike[str]) -> dict[str, str]:
    """Return what the names of a datalist's classes stand for, as far as it says so.

    Args:
        path: a ``datalist.json``, or the folder that holds it.

    Returns:
        By class name its description up to the first colon: ``{"MEL": "melanoma"}``.

    Raises:
        FileNotFoundError: there is no such datalist.
        ValueError: it is no datalist, or its ``class_descriptions`` are not texts by class name.

    """
    path, content = read_datalist(path)
    described = content.get("class_descriptions", {})
    names = names_of(content, path)
    if not isinstance(described, dict) or not all(isinstance(text, str) for text in described.values()):
        raise ValueError(f"{path}: class_descriptions must give a text for each class name, not {described!r}.")
    unknown = next((name for name in described if name not in names), None)
    if unknown is not None:
        raise ValueError(f"{path}: class_descriptions describe {unknown!r}; the classes are {', '.join(names)}.")
    short = {name: text.partition(":")[0].strip() for name, text in described.items()}
    return {name: text for name, text in short.items() if text}


def intensity_window(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return a datalist's intensity window; 8 bits from 0 to 255 if it declares none.

    Args:
        path: a ``datalist.json``, or the folder that holds it.

    Returns:
        ``bits``, ``low`` and ``high``; see :class:`custom.data.intensity.IntensityWindow`.

    Raises:
        FileNotFoundError: there is no such datalist.
        ValueError: it is not a datalist, or its ``intensity`` is not a window.

    """
    path, content = read_datalist(path)
    try:
        return IntensityWindow.from_mapping(content.get("intensity")).as_dict()
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def group_unit(path: str | os.PathLike[str]) -> str:
    """Name the unit that the images of a group have in common, which no split and no bootstrap may part.

    Args:
        path: a ``datalist.json``, or the folder that holds it.

    Returns:
        ``"lesion"``, ``"patient"`` or another of `UNITS`, by what the datalist says of its groups, such as ``"the
        column 'Patient ID'"``; else ``"group"``.

    Raises:
        FileNotFoundError: there is no such datalist.
        ValueError: it is not a datalist.

    """
    _, content = read_datalist(path)
    said = f"{content.get('grouped_by', '')} {content.get('split_by', '')}".lower()
    return next((unit for unit in UNITS if unit in said), "group")


def volume_spacing(path: str | os.PathLike[str]) -> list[float]:
    """Return the spacing to which a datalist's volumes are resampled.

    Args:
        path: a ``datalist.json``, or the folder that holds it.

    Returns:
        Three distances in mm, from left to right, from posterior to anterior and from inferior to superior.

    Raises:
        FileNotFoundError: there is no such datalist.
        ValueError: it declares no spacing: it is one of images, or was made elsewhere.

    """
    path, content = read_datalist(path)
    spacing = content.get("spacing")
    edges = spacing if isinstance(spacing, list) else []
    if len(edges) != 3 or not all(isinstance(edge, int | float) and 0 < edge < math.inf for edge in edges):
        raise ValueError(
            f'{path} declares no "spacing" of volumes, three distances in mm; prepare them with scripts/prepare.py, or '
            'pass --spacing "[1, 1, 1]"; images are trained without volume.json.'
        )
    return edges


def splits_of(path: str | os.PathLike[str]) -> list[str]:
    """Return the splits of a datalist that hold images, in the order of ``SPLITS``.

    Args:
        path: a ``datalist.json``, or the folder that holds it.

    Raises:
        FileNotFoundError: there is no such datalist.
        ValueError: it is not a datalist.

    """
    _, content = read_datalist(path)
    return [split for split in SPLITS if content.get(split)]


def names_of(content: Mapping[str, Any], path: Path) -> list[str]:
    """The names of the classes in the content of a datalist.

    Args:
        content: see :func:`read_datalist`.
        path: the file, for errors.

    Raises:
        ValueError: they are not different texts that a table and a folder can hold.

    """
    return check_class_names([content["labels"][str(index)] for index in range(len(content["labels"]))], str(path))


def read_datalist(path: str | os.PathLike[str]) -> tuple[Path, dict[str, Any]]:
    """Read a datalist, of which its ``labels`` are checked.

    Args:
        path: a ``datalist.json``, or the folder that holds it.

    Returns:
        The file's absolute path, and its content.

    Raises:
        FileNotFoundError: there is no such datalist.
        ValueError: it is not a datalist, or its classes are not numbered 0, 1, 2, ...

    """
    path = Path(path)
    path = path / "datalist.json" if path.suffix != ".json" else path
    if not path.is_file():
        raise FileNotFoundError(f"No datalist {path} found; make one with {MAKE_ONE}.")
    path = path.absolute()
    content = read_json(path, f"make it again with {MAKE_ONE}")
    labels = content.get("labels")
    if not isinstance(labels, dict) or sorted(labels) != sorted(str(i) for i in range(len(labels))) or not labels:
        raise ValueError(f'{path} needs "labels" with the class names numbered from "0", for instance {{"0": "MEL"}}.')
    return path, content
