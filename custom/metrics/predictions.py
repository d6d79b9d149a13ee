"""What a network predicts on a set of images, clean or under one attack."""

from __future__ import annotations

import io
import zipfile
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custom.files import write_atomically


@dataclass(frozen=True)
class Predictions:
    """Predictions on N images, with what is needed to assess them.

    Clean images are the special case of a perturbation of zero.

    Args:
        image_ids: name of each image, shape (N,).
        lesion_ids: lesion that each image shows, shape (N,).
        labels: true classes, shape (N,), int64.
        probabilities: softmax outputs on the (attacked) images, shape (N, classes).
        rounded: softmax outputs on the same images rounded to 8 bits, shape (N, classes).
        l2: l2 norm of each perturbation in the units of images in [0, 1], shape (N,).
        linf: largest absolute change of a value, shape (N,).
        image_shape: channels and spatial size of an image, shape (1 + spatial rank,).
        data_hash: SHA-256 of the clean images as the network gets them, and of their labels and names.
        notes: warnings that the attack itself gave.
    """

    image_ids: NDArray[np.str_]
    lesion_ids: NDArray[np.str_]
    labels: NDArray[np.int64]
    probabilities: NDArray[np.float64]
    rounded: NDArray[np.float64]
    l2: NDArray[np.float64]
    linf: NDArray[np.float64]
    image_shape: tuple[int, ...]
    data_hash: str
    notes: tuple[str, ...] = ()

    @property
    def correct(self) -> NDArray[np.bool_]:
        """Whether each image is classified correctly, shape (N,)."""
        return self.probabilities.argmax(axis=1) == self.labels

    @property
    def rounded_correct(self) -> NDArray[np.bool_]:
        """The same of the images rounded to 8 bits, shape (N,)."""
        return self.rounded.argmax(axis=1) == self.labels

    @property
    def accuracy(self) -> float:
        """Share of images classified correctly, in [0, 1]."""
        return float(self.correct.mean())

    def subset(self, indices: NDArray[np.int64]) -> Predictions:
        """Predictions on some of the images, in the order of ``indices``, shape (n,)."""
        arrays: dict[str, Any] = {
            name: value[indices] for name, value in vars(self).items() if isinstance(value, np.ndarray)
        }
        return replace(self, **arrays)

    def updated(self, indices: NDArray[np.int64], others: Predictions) -> Predictions:
        """These predictions, with those on some images replaced.

        Args:
            indices: which images, shape (n,).
            others: predictions on them, in this order.

        Returns:
            Predictions on all images, with the notes of both.
        """
        arrays: dict[str, Any] = {}
        for name in ("probabilities", "rounded", "l2", "linf"):
            arrays[name] = getattr(self, name).copy()
            arrays[name][indices] = getattr(others, name)
        return replace(self, **arrays, notes=tuple(dict.fromkeys(self.notes + others.notes)))

    def save(self, path: Path, fingerprint: str) -> None:
        """Write the predictions to a ``.npz`` file, whole or not at all.

        Args:
            path: the file; its folder is made if it is missing.
            fingerprint: what the predictions follow from, compared by `load`.
        """
        content = io.BytesIO()
        np.savez_compressed(content, fingerprint=fingerprint, **asdict(self))
        write_atomically(path, content.getvalue())

    @classmethod
    def load(cls, path: Path, fingerprint: str) -> Predictions | None:
        """Read predictions written by `save`.

        Args:
            path: the file.
            fingerprint: what the predictions should follow from.

        Returns:
            The predictions, or ``None`` if there are none or they follow from something else.
        """
        if not path.is_file():
            return None
        try:
            with np.load(path, allow_pickle=False) as file:
                if str(file["fingerprint"]) != fingerprint:
                    return None
                values = {field.name: file[field.name] for field in fields(cls)}
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None
        values["data_hash"] = str(values["data_hash"])
        values["image_shape"] = tuple(int(size) for size in values["image_shape"])
        values["notes"] = tuple(str(note) for note in values["notes"])
        return cls(**values)
