"""Predictions by file, as tables for people and programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ignite.engine import Engine, Events
from monai.utils import CommonKeys

from custom.files import write_together


class PredictionTable:
    """Write ``predictions.csv`` and ``predictions.json``: a row for each file, in the order of the data set.

    MONAI's ``ClassificationSaver`` writes numbers alone, without the classes' names and without failures. Attach it to
    an evaluator whose post-processing makes probabilities of ``pred``.

    - CSV: ``image`` (its path), ``prediction`` (name of the most probable class), ``probability_<class>`` for each
      class, and ``error``; of a file that could not be read only the path and the error.
    - JSON: the same, as ``{"classes": [...], "images": [{"image", "prediction", "probabilities"} or {"image",
      "error"}]}``.

    Args:
        output_dir: folder of the two files; made where missing.
        class_names: the classes' names, in the order of the probabilities.

    Example::

        >>> from custom.inference import PredictionTable
        >>> handler = PredictionTable("predictions", ["MEL", "BKL", "NV"])

    """

    def __init__(self, output_dir: str | Path, class_names: Sequence[str]) -> None:
        self.output_dir = Path(output_dir)
        self.class_names = list(class_names)
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
            ValueError: when the network has another number of classes.
        """
        items: Any = engine.state.batch
        outputs: Any = engine.state.output
        for item, output in zip(items, outputs, strict=True):
            if item["error"]:
                self.rows.append({"image": item["file"], "error": item["error"]})
                continue
            values = [float(value) for value in output[CommonKeys.PRED]]
            if len(values) != len(self.class_names):
                raise ValueError(f"The network has {len(values)} classes, but the names are {self.class_names}.")
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
        writer.writerow(["image", "prediction", *(f"probability_{name}" for name in self.class_names), "error"])
        for row in self.rows:
            # Six digits are more than the network can tell apart.
            values = [f"{value:.6f}" for value in row.get("probabilities", {}).values()] or [""] * len(self.class_names)
            writer.writerow([row["image"], row.get("prediction", ""), *values, row.get("error", "")])
        content = json.dumps({"classes": self.class_names, "images": self.rows}, indent=1) + "\n"
        write_together(
            {
                self.output_dir / "predictions.csv": table.getvalue().encode(),
                self.output_dir / "predictions.json": content.encode(),
            }
        )
        failed = sum("error" in row for row in self.rows)
        unread = f", {failed} could not be read" if failed else ""
        print(f"{len(self.rows) - failed} images classified{unread}: {self.output_dir / 'predictions.csv'}", flush=True)
