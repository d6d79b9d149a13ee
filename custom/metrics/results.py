"""The files of an evaluation, read back; light enough for whoever only shows or compares them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from custom.files.csv_cell import csv_cell, from_cell, valid_text
from custom.files.read_json import read_json
from custom.metrics.predictions import Predictions

SCHEMA = 2
"""Version of the form of ``metrics.json``."""

CLEAN = "clean"
"""What stands for no attack, in tables and options."""


class AttackKey(NamedTuple):
    """What identifies an attack in the results: a radius is a number, never a part of a name.

    Attributes:
        attack: its name in the table of attacks; ``"clean"`` for none.
        norm: ``"l2"`` or ``"linf"``; empty for clean images.
        epsilon: the radius of the ball, in units of images in [0, 1]; 0 for clean images.
    """

    attack: str
    norm: str = ""
    epsilon: float = 0.0


CLEAN_KEY = AttackKey(CLEAN)


def evaluation_folder(folder: str | Path) -> Path:
    """The folder of an evaluation, given itself or the run that it is in.

    Args:
        folder: holds ``metrics.json``, itself or in ``evaluation``.

    Raises:
        FileNotFoundError: if neither does.
    """
    for candidate in (Path(folder), Path(folder) / "evaluation"):
        if (candidate / "metrics.json").is_file():
            return candidate
    raise FileNotFoundError(f"{folder} holds no metrics.json; pass the folder of a finished evaluation.")


def read_metrics(folder: str | Path) -> dict[str, Any]:
    """Read the numbers of an evaluation, the content of its ``metrics.json``.

    Args:
        folder: as for `evaluation_folder`.

    Raises:
        FileNotFoundError: if there is none.
        ValueError: if it is damaged, or was written by another version.
    """
    path = evaluation_folder(folder) / "metrics.json"
    metrics = read_json(path, "evaluate again")
    if metrics.get("schema") != SCHEMA:
        raise ValueError(f"{path} was written by another version of this program; evaluate again.")
    return metrics


def read_predictions(folder: str | Path) -> dict[AttackKey, Predictions]:
    """Read every image's predictions, clean first, sorted by image.

    Args:
        folder: as for `evaluation_folder`; it holds ``predictions.csv``, too.

    Raises:
        FileNotFoundError: if one of the files is missing.
        ValueError: if one is not what an evaluation writes.
    """
    folder = evaluation_folder(folder)
    metrics = read_metrics(folder)
    path = folder / "predictions.csv"
    if not path.is_file():
        raise FileNotFoundError(f"{folder} holds no predictions.csv; pass the folder of a finished evaluation.")
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = sorted(csv.DictReader(file), key=lambda row: row["image_id"])
        by_attack: dict[AttackKey, list[dict[str, str]]] = {CLEAN_KEY: []}
        for row in rows:
            key = AttackKey(from_cell(row["attack"]), row["norm"], float(row["epsilon"]))
            by_attack.setdefault(key, []).append(row)
        return {key: _predictions(members, metrics) for key, members in by_attack.items()}
    except (KeyError, ValueError, TypeError) as error:
        raise ValueError(f"{path} holds no predictions that can be read ({error}).") from error


def write_predictions(
    path: Path, clean: Predictions, attacked: Mapping[AttackKey, Predictions], class_names: Sequence[str]
) -> None:
    """Write one row for each attack (``clean`` for none) and image.

    Columns: attack, norm, epsilon, image_id, lesion_id, label (the class's index); the probabilities
    ``clean_<class>``, ``attacked_<class>`` and ``rounded_<class>`` on the clean image, the attacked one, and the
    attacked one rounded to 8 bits; and the perturbation's norms ``l2`` and ``linf``.

    Args:
        path: the file to write.
        clean: predictions on clean images.
        attacked: predictions under each attack, on the same images.
        class_names: the classes' names, in the order of the probabilities' columns.
    """
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        kinds = [f"{kind}_{name}" for kind in ("clean", "attacked", "rounded") for name in class_names]
        writer.writerow([*AttackKey._fields, "image_id", "lesion_id", "label", *map(valid_text, kinds), "l2", "linf"])
        for key, predictions in {CLEAN_KEY: clean, **attacked}.items():
            for index in range(len(predictions.labels)):
                writer.writerow([*_texts(key), *_row(clean, predictions, index)])


def _row(clean: Predictions, predictions: Predictions, index: int) -> list[Any]:
    names = (predictions.image_ids[index], predictions.lesion_ids[index])
    sources = (clean.probabilities, predictions.probabilities, predictions.rounded)
    shares = [float(value) for source in sources for value in source[index]]
    sizes = [float(predictions.l2[index]), float(predictions.linf[index])]
    return [*map(csv_cell, names), int(predictions.labels[index]), *shares, *sizes]


def _texts(key: AttackKey) -> Iterable[Any]:
    return csv_cell(key.attack), key.norm, key.epsilon


def _predictions(rows: Sequence[Mapping[str, str]], metrics: Mapping[str, Any]) -> Predictions:
    data, classes = metrics["data"], [valid_text(name) for name in metrics["classes"]]

    def numbers(kind: str) -> np.ndarray:
        return np.array([[float(row[f"{kind}_{name}"]) for name in classes] for row in rows])

    return Predictions(
        image_ids=np.array([from_cell(row["image_id"]) for row in rows]),
        lesion_ids=np.array([from_cell(row["lesion_id"]) for row in rows]),
        labels=np.array([int(row["label"]) for row in rows]),
        probabilities=numbers("attacked"),
        rounded=numbers("rounded"),
        l2=np.array([float(row["l2"]) for row in rows]),
        linf=np.array([float(row["linf"]) for row in rows]),
        image_shape=tuple(data["image_shape"]),
        data_hash=data["sha256"],
    )
