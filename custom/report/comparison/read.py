"""Evaluated models, for comparisons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custom.metrics import (
    CLEAN_KEY,
    AttackKey,
    Predictions,
    evaluation_folder,
    read_metrics,
    read_predictions,
    worst_case_correct,
)
from custom.report.run_names import short_names


@dataclass(frozen=True)
class EvaluatedRun:
    """An evaluation of one model.

    Attributes:
        name: what to call the model.
        folder: of the evaluation.
        metrics: the content of ``metrics.json``.
        predictions: predictions by attack, sorted by image.
    """

    name: str
    folder: Path
    metrics: Mapping[str, Any]
    predictions: Mapping[AttackKey, Predictions]

    @property
    def clean(self) -> Predictions:
        """Predictions on clean images."""
        return self.predictions[CLEAN_KEY]

    def worst_case(self, norm: str, epsilon: float) -> NDArray[np.bool_]:
        """Whether each image is right clean and under every perturbation that was found within a ball, shape (N,).

        Args:
            norm: of the ball.
            epsilon: its radius.
        """
        attacked = [predictions for key, predictions in self.predictions.items() if key != CLEAN_KEY]
        return worst_case_correct(self.clean, attacked, norm, epsilon)


def read_runs(folders: Sequence[str | Path], names: Sequence[str] | None = None) -> list[EvaluatedRun]:
    """Read several evaluations.

    Args:
        folders: runs, or the evaluations in them.
        names: what to call the models; by default the names of the runs' folders.

    Raises:
        FileNotFoundError: if a file is missing.
        ValueError: if a file is not what an evaluation writes, or two names are the same.
    """
    chosen = list(names) if names else short_names(folders)
    double = [name for name, count in Counter(chosen).items() if count > 1]
    if double:
        raise ValueError(f"Two models are named {double[0]!r}; pass different names.")
    return [
        EvaluatedRun(name, evaluation_folder(folder), read_metrics(folder), read_predictions(folder))
        for folder, name in zip(folders, chosen, strict=True)
    ]
