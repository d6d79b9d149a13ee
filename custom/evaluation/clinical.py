"""The clinical reading: one class of interest against the rest, at operating points that a clinic would choose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custom.evaluation.intervals import Figure, Intervals
from custom.evaluation.readings import Reading
from custom.metrics.operating_points import roc_points, sensitivity_at, specificity_at, threshold_at
from custom.metrics.resampled import roc_auc

TARGETS = (0.8, 0.9, 0.95)
"""Shares at which sensitivity and specificity are fixed."""

KEPT_SPECIFICITY = 0.9
"""Specificity on clean images of the threshold that is kept under attack."""

_MELANOMA = ("melanoma", "mel", "malignant melanoma")


@dataclass(frozen=True)
class ClassOfInterest:
    """The class that must not be missed.

    Attributes:
        index: its index among the classes.
        name: its name.
        chosen: why it: ``"given"``, ``"melanoma by name"`` or ``"first class"``.
    """

    index: int
    name: str
    chosen: str


def class_of_interest(class_names: Sequence[str], given: str | None = None) -> ClassOfInterest:
    """The class given, else melanoma if one has that name, else the first.

    Args:
        class_names: the classes' names, in the order of their indices.
        given: the class's name, if somebody has chosen.

    Raises:
        ValueError: if the class given is not one of the names.

    Example:
        >>> class_of_interest(["BKL", "MEL", "NV"]).name
        'MEL'
    """
    if given is not None:
        if given not in class_names:
            raise ValueError(f"class_of_interest is {given!r}; use one of {', '.join(class_names)}.")
        return ClassOfInterest(list(class_names).index(given), given, "given")
    for index, name in enumerate(class_names):
        if name.strip().lower() in _MELANOMA:
            return ClassOfInterest(index, name, "melanoma by name")
    return ClassOfInterest(0, class_names[0], "first class")


def clinical_reading(readings: Sequence[Reading], of_interest: ClassOfInterest, intervals: Intervals) -> dict[str, Any]:
    """Sensitivity at fixed specificity and the reverse, clean and attacked, with intervals of a bootstrap over lesions.

    In each resample the threshold is found again, so that its uncertainty counts. Beside that stands what becomes of
    one threshold that was chosen on clean images and stays, as it would in use.

    Args:
        readings: the predictions to read, clean ones first.
        of_interest: the class that must not be missed.
        intervals: of the images.

    Returns:
        What ``metrics.json`` holds under ``clinical``.
    """
    clean = readings[0].predictions
    positive = clean.labels == of_interest.index
    threshold = threshold_at(positive, clean.probabilities[:, of_interest.index], KEPT_SPECIFICITY)
    return {
        "class": of_interest.name,
        "chosen": of_interest.chosen,
        "positives": int(positive.sum()),
        "negatives": int((~positive).sum()),
        "readings": [
            {
                **reading.as_json(),
                **_operating_points(
                    positive, reading.predictions.probabilities[:, of_interest.index], threshold, intervals
                ),
            }
            for reading in readings
        ],
    }


def _operating_points(
    positive: NDArray[np.bool_], scores: NDArray[np.float64], threshold: float, intervals: Intervals
) -> dict[str, Any]:
    called = scores >= threshold
    return {
        "roc_auc": intervals.statistic(lambda weights: roc_auc(positive, scores, weights)),
        "sensitivity_at_specificity": [
            {"specificity": target, **_at(sensitivity_at, positive, scores, target, intervals)} for target in TARGETS
        ],
        "specificity_at_sensitivity": [
            {"sensitivity": target, **_at(specificity_at, positive, scores, target, intervals)} for target in TARGETS
        ],
        "fixed_threshold": {
            "specificity": KEPT_SPECIFICITY,
            "threshold": threshold,
            "sensitivity": intervals.share(called, positive),
            "specificity_kept": intervals.share(~called, ~positive),
        },
        "roc": {name: values.tolist() for name, values in roc_points(positive, scores)._asdict().items()},
    }


def _at(
    measure: Any, positive: NDArray[np.bool_], scores: NDArray[np.float64], target: float, intervals: Intervals
) -> Figure:
    return intervals.statistic(lambda weights: measure(positive, scores, target, weights))
