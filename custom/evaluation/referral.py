"""Risk and coverage: accuracy on what is left if the least certain images are referred to a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from custom.evaluation.intervals import Intervals
from custom.evaluation.readings import Reading
from custom.metrics.risk_coverage import area_under_risk_coverage, selective_accuracy

COVERAGE = tuple(float(step) / 20 for step in range(1, 21))
"""Shares of the images that are kept."""


def risk_coverage(readings: Sequence[Reading], intervals: Intervals) -> list[dict[str, Any]]:
    """Accuracy against coverage, clean and attacked; certain is what has a large highest probability.

    Args:
        readings: the predictions to read, clean ones first.
        intervals: of the images.

    Returns:
        What ``metrics.json`` holds under ``risk_coverage``.
    """
    return [_curve(reading, intervals) for reading in readings]


def _curve(reading: Reading, intervals: Intervals) -> dict[str, Any]:
    correct, confidence = reading.predictions.correct, reading.predictions.probabilities.max(axis=1)
    area = intervals.statistic(lambda weights: area_under_risk_coverage(correct, confidence, weights))
    accuracy = selective_accuracy(correct, confidence, np.array(COVERAGE))
    return {**reading.as_json(), "coverage": list(COVERAGE), "accuracy": accuracy.tolist(), "area": area}
