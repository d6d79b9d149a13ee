"""The folder of an evaluation's explanations, which appears as a whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from custom.explain.files import write_map
from custom.explain.measure import without_nan
from custom.explain.pictures import overlay
from custom.explain.summary import write_measures_csv
from custom.files import ResultFolder

RESULTS_NAME = "explanations.json"
ENTRIES = frozenset({RESULTS_NAME, "measures.csv", "sheet.png", "maps", "overlays"})
"""All that such a folder may hold; a folder with anything else is somebody's own and never replaced."""


class ExplanationFolder:
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
        """Make the temporary folder; it is removed by itself, also when the program ends with an error."""
        self._new = self._folder.open()
        for name in ("maps", "overlays"):
            (self._new / name).mkdir(parents=True)

    def add(
        self,
        name: str,
        image: NDArray[np.floating],
        saliency: NDArray[np.floating],
        affine: NDArray[np.floating] | None = None,
    ) -> None:
        """Write one map, and the same over its image.

        Args:
            name: file name without extension.
            image: shape (C, *spatial), in [0, 1].
            saliency: shape (*spatial), in [0, 1].
            affine: of a volume, from voxel indices to millimetres, shape (4, 4).

        """
        write_map(self._new / "maps", name, saliency, affine)
        picture = np.round(overlay(image, saliency) * 255).astype(np.uint8)
        Image.fromarray(picture).save(self._new / "overlays" / f"{name}.png")

    def close(self, content: Mapping[str, Any], summary: Mapping[str, Any], sheet: bytes | None) -> None:
        """Write results, table and sheet, and put the folder in its place.

        Args:
            content: what goes to ``explanations.json``.
            summary: see :func:`custom.explain.summarise_explanations`, for ``measures.csv``.
            sheet: the sheet's PNG, if there is one.

        Raises:
            ValueError: if the place was taken in the meantime.

        """
        (self._new / RESULTS_NAME).write_text(json.dumps(without_nan(content), indent=1) + "\n")
        write_measures_csv(self._new / "measures.csv", {"model": summary})
        if sheet is not None:
            (self._new / "sheet.png").write_bytes(sheet)
        self._folder.commit()
