"""Writing a data set's ``datalist.json``."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from custom.files import write_atomically
from custom.files.csv_cell import csv_cell


def write_datalist(
    folder: Path,
    name: str,
    classes: Mapping[str, str],
    splits: Mapping[str, Sequence[Mapping[str, Any]]],
    **facts: Any,
) -> Path:
    """Write ``datalist.json`` and beside it ``classes.csv``, each completely or not at all.

    Args:
        folder: the data set's folder.
        name: the data set's name.
        classes: names of the classes in the order of their labels, with a description each.
        splits: the items of each split: ``image`` (relative to the folder), ``label``, ``image_id``,
            ``lesion_id`` and, if there is one, ``mask``.
        facts: what else the datalist should say, for instance ``licence`` or ``seed``.

    Returns:
        The path of the datalist.

    """
    labels = {str(index): label for index, label in enumerate(classes)}
    described = {label: text for label, text in classes.items() if text and text != label}
    if described:
        facts["class_descriptions"] = described
    content = {"name": name, **facts, "labels": labels, **{s: list(items) for s, items in splits.items()}}
    counts = {s: Counter(item["label"] for item in items) for s, items in splits.items()}
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(["label", "name", "description", *splits])
    for index, (label, description) in enumerate(classes.items()):
        writer.writerow([index, csv_cell(label), csv_cell(description), *(counts[s][index] for s in splits)])
    write_atomically(folder / "classes.csv", table.getvalue().encode())
    path = folder / "datalist.json"
    write_atomically(path, (json.dumps(content, indent=1) + "\n").encode())
    return path
