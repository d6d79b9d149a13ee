"""Predictions by file, as tables for people and programs."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ignite.engine import Engine, Events
from monai.utils import CommonKeys

from custom.counts import counted, listed
from custom.files import write_together
from custom.files.csv_cell import csv_cell

_LISTED = 5
"""How many files are named before the rest is counted."""


class PredictionTable:
    """Write ``predictions.csv`` and ``predictions.json``: a row for each file, in the order of the data set.

    MONAI's ``ClassificationSaver`` writes only numbers, without the classes' names and without failures. Attach it to
    an evaluator whose post-processing makes probabilities of ``pred``.

    - CSV: ``image`` (its path), ``prediction`` (name of the most probable class), ``probability_<class>`` for each
      class, and ``error``; of a file that could not be read only the path and the error.
    - JSON: the same, as ``{"classes": [...], "images": [{"image", "prediction", "probabilities"} or {"image",
      "error"}], "skipped": [{"file", "reason"}]}``.

    Text that a spreadsheet would take for a formula gets an apostrophe in front in the CSV.

    Args:
        output_dir: folder of the two files; made if it is missing.
        class_names: the classes' names, in the order of the probabilities.
        skipped: files that were not to be classified, as :func:`custom.inference.find_images` lists them.

    Example::

        >>> from custom.inference import PredictionTable
        >>> handler = PredictionTable("predictions", ["MEL", "BKL", "NV"])

    """

    def __init__(
        self, output_dir: str | Path, class_names: Sequence[str], skipped: Sequence[Mapping[str, str]] = ()
    ) -> None:
        self.output_dir = Path(output_dir)
        self.class_names = list(class_names)
        self.skipped = [dict(entry) for entry in skipped]
        self.rows: list[dict[str, Any]] = []

    def attach(self, engine: Engine) -> None:
        """Attach the collecting to each iteration, and the writing to the end.

        Args:
            engine: the evaluator.
        """
        engine.add_event_handler(Events.STARTED, lambda: self.rows.clear())
        engine.add_event_handler(Events.ITERATION_COMPLETED, self.collect)
        engine.add_event_handler(Events.COMPLETED, self.write)

    def collect(self, engine: Engine) -> None:
        """Keep the predictions of a batch.

        Args:
            engine: the evaluator; of each item ``file`` and ``error`` of the batch and ``pred`` of the output are read.

        Raises:
            ValueError: the network has another number of classes, or its answer is not finite.
        """
        items: Any = engine.state.batch
        outputs: Any = engine.state.output
        for item, output in zip(items, outputs, strict=True):
            if item["error"]:
                self.rows.append({"image": item["file"], "error": item["error"]})
                continue
            values = [float(value) for value in output[CommonKeys.PRED]]
            if len(values) != len(self.class_names):
                classes = counted(len(values), "class")
                raise ValueError(f"The network has {classes}, but the names are {self.class_names}.")
            if not all(map(math.isfinite, values)):
                raise ValueError(f"The network's answer to {item['file']} is not finite: its weights are damaged.")
            probabilities = dict(zip(self.class_names, values, strict=True))
            prediction = max(probabilities, key=lambda name: probabilities[name])
            self.rows.append({"image": item["file"], "prediction": prediction, "probabilities": probabilities})

    def write(self, engine: Engine) -> None:
        """Write both files and say where they are.

        Args:
            engine: the evaluator.

        Raises:
            OSError: when a file cannot be written.
        """
        table = io.StringIO(newline="")
        writer = csv.writer(table)
        names = (f"probability_{name}" for name in self.class_names)
        writer.writerow(["image", "prediction", *names, "error"])
        for row in self.rows:
            # Six digits are more than the network can tell apart.
            values = [f"{value:.6f}" for value in row.get("probabilities", {}).values()] or [""] * len(self.class_names)
            image, prediction, error = (csv_cell(row.get(key, "")) for key in ("image", "prediction", "error"))
            writer.writerow([image, prediction, *values, error])
        content = json.dumps({"classes": self.class_names, "images": self.rows, "skipped": self.skipped}, indent=1)
        write_together(
            {
                self.output_dir / "predictions.csv": table.getvalue().encode(),
                self.output_dir / "predictions.json": f"{content}\n".encode(),
            }
        )
        failed = len(self.failed)
        unread = f", {failed} could not be read" if failed else ""
        images = counted(len(self.rows) - failed, "image")
        print(f"{images} classified{unread}: {self.output_dir / 'predictions.csv'}", flush=True)
        if self.skipped:
            files = listed([f"{entry['file']} ({entry['reason']})" for entry in self.skipped], _LISTED)
            more = ", see predictions.json" if len(self.skipped) > _LISTED else ""
            print(f"{counted(len(self.skipped), 'file')} left out: {files}{more}.", flush=True)

    @property
    def failed(self) -> list[dict[str, Any]]:
        """The rows of files that could not be classified."""
        return [row for row in self.rows if "error" in row]

    def require_all(self) -> None:
        """Raise if a file could not be classified, so that the command ends with an exit code that says so.

        Raises:
            ValueError: with the number of these files and the first of them.
        """
        if self.failed:
            first = self.failed[0]
            raise ValueError(
                f"{len(self.failed)} of {counted(len(self.rows), 'file')} could not be classified, the first is "
                f"{first['image']}: {first['error']}. The others are in {self.output_dir / 'predictions.csv'}."
            )
