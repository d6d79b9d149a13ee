"""Which predictions an attack can change, and what is left if those cases are referred to a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from custom.evaluation.attack_runner import AttackRunner
from custom.evaluation.intervals import Intervals
from custom.evaluation.prediction_attack import PredictionAttack
from custom.evaluation.readings import Reading
from custom.evaluation.referral import COVERAGE
from custom.evaluation.robust_accuracy import attacked_balls
from custom.evaluation.select_attacks import SelectedAttack
from custom.metrics import Predictions
from custom.metrics.risk_coverage import area_under_risk_coverage, selective_accuracy


def prediction_stability(
    runner: AttackRunner,
    clean: Predictions,
    attacks: Sequence[SelectedAttack],
    readings: Sequence[Reading],
    intervals: Intervals,
) -> dict[str, Any] | None:
    """Measure accuracy on the clean images whose prediction an attack can, and cannot, change.

    In use nobody knows the true class, so the prediction itself is attacked. An image that is classified correctly was
    attacked that way already; the misclassified ones are attacked here.

    Args:
        runner: runs the attack.
        clean: predictions on clean images.
        attacks: the attacks of the evaluation.
        readings: clean predictions first, then those under the strongest attack of each ball; the headline's counts.
        intervals: of the images.

    Returns:
        What ``metrics.json`` holds under ``stability``; ``None`` if no attack gives probabilities of every image.
    """
    if len(readings) < 2:
        return None
    headline = attacked_balls(attacks)[0]
    reading = next((read for read in readings if read.key[1:] == headline), readings[1])
    attack = next(item.attack for item in attacks if item.key == reading.key)
    under_attack, wrong = reading.predictions, np.flatnonzero(~clean.correct)
    if len(wrong):
        part = f"stability {reading.key.attack} {attack.epsilon:.10g}"
        under_attack = under_attack.updated(wrong, runner.run(part, PredictionAttack(attack), wrong, quiet=True))
    predicted = clean.probabilities.argmax(axis=1)
    stable = under_attack.probabilities.argmax(axis=1) == predicted
    # How sure the classifier still is of its answer, when it is attacked.
    left = np.take_along_axis(under_attack.probabilities, predicted[:, None], axis=1)[:, 0]
    area = intervals.statistic(lambda weights: area_under_risk_coverage(clean.correct, left, weights))
    return {
        **reading.as_json(),
        "images": len(stable),
        "unstable": int((~stable).sum()),
        "stable": intervals.share(stable),
        "accuracy_stable": intervals.share(clean.correct, stable) if stable.any() else None,
        "accuracy_unstable": intervals.share(clean.correct, ~stable) if not stable.all() else None,
        "coverage": list(COVERAGE),
        "accuracy": selective_accuracy(clean.correct, left, np.array(COVERAGE)).tolist(),
        "area": area,
    }
