"""What temperature scaling makes of a classifier's probabilities."""

from __future__ import annotations

from typing import Any

from custom.metrics import Predictions, classification_metrics
from custom.metrics.temperature import fit_temperature, with_temperature

SCORES = ("negative_log_likelihood", "brier_score", "calibration_error")
"""Metrics that a temperature changes."""


def temperature_scaling(validation: Predictions, clean: Predictions, class_names: list[str]) -> dict[str, Any]:
    """Fit a temperature on validation images, and compare the scores of the test images before and after.

    Args:
        validation: predictions on clean validation images.
        clean: predictions on clean test images.
        class_names: the classes' names, in the order of the probabilities' columns.

    Returns:
        What ``metrics.json`` holds under ``temperature``.
    """
    temperature = fit_temperature(validation.labels, validation.probabilities)
    after = with_temperature(clean.probabilities, temperature)
    scores = {
        name: classification_metrics(clean.labels, probabilities, class_names)
        for name, probabilities in (("before", clean.probabilities), ("after", after))
    }
    return {
        "value": temperature,
        "fitted_on": "validation",
        "images": len(validation.labels),
        "clean": {name: {score: found[score] for score in SCORES} for name, found in scores.items()},
    }
