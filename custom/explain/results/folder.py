"""The folder of a network's explanations."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custom.explain.results.files import read_image, read_map, write_image, write_map
from custom.explain.results.record import ExplanationRecord
from custom.explain.results.summary import write_measures_csv
from custom.files import ResultFolder
from custom.files.names import safe_file_name
from custom.files.read_json import read_json

Array = NDArray[np.floating]

RESULTS_NAME = "explanations.json"
DATA = ("images", "maps", "masks")
SHOWN = ("grid.png", "measures.md", "overlays")
ENTRIES = frozenset({RESULTS_NAME, "measures.csv", *DATA, *SHOWN})
"""All that such a folder may hold; a folder with anything else is somebody's own and never replaced."""


class ExplanationWriter:
    """Write explanations beside their place, and move them there when they are complete.

    Args:
        path: the folder to be made; earlier explanations there are replaced.

    Raises:
        ValueError: if the place is taken by something else.

    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._folder = ResultFolder(self.path, ENTRIES, "explanations")

    def open(self) -> None:
        """Make the temporary folder, which is removed if the program ends with an error."""
        self._new = self._folder.open()
        self._names: set[str] = set()
        for name in DATA:
            (self._new / name).mkdir(parents=True)

    def file_name(self, image_id: str) -> str:
        """A file name for an image, which no other image of the folder has.

        Args:
            image_id: the image's name.
        """
        wanted = name = safe_file_name(image_id)
        number = 1
        # File systems that ignore case must not see two names as one, nor an attacked map take another image's name.
        while name.lower() in self._names or f"{name}_attacked".lower() in self._names:
            number += 1
            name = f"{wanted}-{number}"
        self._names |= {name.lower(), f"{name}_attacked".lower()}
        return name

    def add(self, name: str, image: Array, saliency: Array, affine: Array | None = None) -> None:
        """Write an image and its map.

        Args:
            name: file name without extension.
            image: shape (C, *spatial), in [0, 1].
            saliency: shape (*spatial), in [0, 1].
            affine: of a volume, from voxel indices to millimeters, shape (4, 4).

        """
        write_image(self._new / "images", name, image, affine)
        write_map(self._new / "maps", name, saliency, affine)

    def add_mask(self, name: str, mask: Array, affine: Array | None = None) -> None:
        """Write the lesion mask of an image.

        Args:
            name: file name without extension.
            mask: shape (*spatial), greater than 0 in the lesion.
            affine: see :meth:`add`.

        """
        write_image(self._new / "masks", name, (mask > 0)[None].astype(np.float32), affine)

    def close(
        self,
        summary: Mapping[str, Any],
        records: Sequence[ExplanationRecord],
        render: Callable[[Path], object] | None = None,
    ) -> None:
        """Write results and table, and put the folder in its place.

        Args:
            summary: what to write beside the records: how it was made, and the result of
                :func:`custom.explain.results.summarize_explanations`.
            records: the images.
            render: draws what the folder shows besides, called with the folder before it is put in its place.

        Raises:
            ValueError: if the place was taken in the meantime.

        """
        content = without_nan({**summary, "records": [asdict(record) for record in records]})
        (self._new / RESULTS_NAME).write_text(json.dumps(content, indent=1, allow_nan=False) + "\n", encoding="utf-8")
        write_measures_csv(self._new / "measures.csv", {"model": summary})
        if render is not None:
            render(self._new)
        self._folder.commit()


@dataclass(frozen=True)
class Explanations:
    """A folder of explanations, read back.

    Attributes:
        folder: the folder.
        summary: content of ``explanations.json`` without the records.
        records: the images.
    """

    folder: Path
    summary: dict[str, Any]
    records: list[ExplanationRecord]

    @property
    def classes(self) -> list[str]:
        """Names of the classes."""
        return list(self.summary["classes"])

    def image(self, name: str) -> NDArray[np.float32]:
        """An image by its file name, with ``_attacked`` the attacked one; shape (C, *spatial), in [0, 1]."""
        return read_image(self.folder / "images", name)

    def map(self, name: str) -> NDArray[np.float32]:
        """The map of such an image, shape (*spatial), in [0, 1]."""
        return read_map(self.folder / "maps", name)

    def mask(self, record: ExplanationRecord) -> NDArray[np.float32] | None:
        """The lesion mask of an image, shape (*spatial), 1 in the lesion; ``None`` if none is known."""
        return read_image(self.folder / "masks", record.file_name)[0] if record.masked else None


def read_explanations(folder: str | Path) -> Explanations:
    """Read a folder that :class:`ExplanationWriter` wrote.

    Args:
        folder: the folder.

    Raises:
        FileNotFoundError: if it has no explanations.

    """
    path = Path(folder) / RESULTS_NAME
    if not path.is_file():
        raise FileNotFoundError(f"No {RESULTS_NAME} found in {folder}; pass a folder of explanations.")
    summary = read_json(path, "explain again")
    records = [ExplanationRecord(**record) for record in summary.pop("records")]
    return Explanations(Path(folder), summary, records)


def without_nan(value: Any) -> Any:
    """Replace NaN, which JSON does not have, by ``None``, in nested dictionaries and sequences.

    Example::

        >>> without_nan({"energy_inside": float("nan")})
        {'energy_inside': None}

    """
    if isinstance(value, Mapping):
        return {key: without_nan(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_nan(item) for item in value]
    return None if isinstance(value, float) and math.isnan(value) else value
