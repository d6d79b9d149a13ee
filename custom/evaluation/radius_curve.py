"""Accuracy against the radius of the attack, and the area under that curve."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custom.attacks import Attack
from custom.evaluation.attack_runner import AttackRunner
from custom.evaluation.class_subset import class_subset
from custom.evaluation.intervals import Intervals
from custom.metrics import AttackKey, Predictions, worst_case_correct


@dataclass(frozen=True)
class RadiusCurve:
    """Measure robust accuracy at several radii with one attack.

    Balls are nested: an image that is lost within a ball is lost within every larger one, and one that withstood a
    strong attack in a ball counts as robust within every smaller one. Only the images in between are attacked, which
    makes a curve about as costly as one attack on all images.

    Args:
        attacks: by name one strong attack for each norm; its radius is the unit of the factors.
        factors: the radii, as multiples of the attack's own, > 0; 0 is always a point.
        images: how many images to use, the classes alike; 0 for all.

    Raises:
        ValueError: if a factor is not greater than 0, or the number of images is negative.
    """

    attacks: Mapping[str, Attack]
    factors: Sequence[float] = (0.25, 0.5, 1.0, 1.5, 2.0, 3.0)
    images: int = 0

    def __post_init__(self) -> None:
        if not all(0 < factor < float("inf") for factor in self.factors) or not self.factors:
            raise ValueError(f"The curve's factors must be greater than 0, not {list(self.factors)}.")
        if self.images < 0:
            raise ValueError(f"The curve's number of images must be 0 (all) or more, not {self.images}.")

    def measure(
        self,
        runner: AttackRunner,
        clean: Predictions,
        attacked: Mapping[AttackKey, Predictions],
        strong: Collection[AttackKey],
        intervals: Intervals,
    ) -> list[dict[str, Any]]:
        """Measure one curve for each norm in which the evaluation attacked.

        Args:
            runner: runs the attacks.
            clean: predictions on clean images.
            attacked: what other attacks have found already.
            strong: those of them whose survivors count as robust.
            intervals: of the images.
        """
        norms = {key.norm for key in attacked}
        indices = class_subset(clean.labels, self.images or len(clean.labels))
        return [
            self._curve(name, runner, clean, attacked, strong, intervals, indices)
            for name, attack in self.attacks.items()
            if attack.norm in norms and attack.epsilon > 0
        ]

    def _curve(
        self,
        name: str,
        runner: AttackRunner,
        clean: Predictions,
        attacked: Mapping[AttackKey, Predictions],
        strong: Collection[AttackKey],
        intervals: Intervals,
        indices: NDArray[np.int64],
    ) -> dict[str, Any]:
        attack = self.attacks[name]
        radii = sorted(attack.epsilon * factor for factor in self.factors)
        searched = {key.epsilon for key in strong if key.norm == attack.norm}
        survives = _survivors(name, attack, radii, searched, runner, clean, attacked, indices)
        here = intervals.of_images(indices)
        epsilons = np.array([0.0, *radii])
        table = np.stack([clean.correct[indices], *survives]).astype(np.float64)
        area = np.trapezoid(table, epsilons, axis=0) / epsilons[-1]
        shares = [here.share(row) for row in table]
        runner.say(f"{name} at {len(epsilons)} radii: accuracy {', '.join(f'{row.mean():.1%}' for row in table)}")
        return {
            "norm": attack.norm,
            "attack": name,
            "steps": getattr(attack, "steps", None),
            "images": len(indices),
            "of_images": len(clean.labels),
            "points": [{"epsilon": float(radius), **share} for radius, share in zip(epsilons, shares, strict=True)],
            "withstood": table.sum(axis=0).astype(int).tolist(),
            "expected_robustness": here.share(area),
            "largest_epsilon": float(epsilons[-1]),
        }


def _survivors(
    name: str,
    attack: Attack,
    radii: Sequence[float],
    searched: Collection[float],
    runner: AttackRunner,
    clean: Predictions,
    attacked: Mapping[AttackKey, Predictions],
    indices: NDArray[np.int64],
) -> list[NDArray[np.bool_]]:
    """Which of the images are right within each ball, smallest first; (radii, len(indices))."""
    # What is known without a further attack: everything that was found within a ball.
    known = [worst_case_correct(clean, attacked.values(), attack.norm, radius)[indices] for radius in radii]
    correct, found = clean.correct[indices], []
    for number, radius in enumerate(radii):
        correct = correct & known[number]
        robust = np.zeros(len(indices), dtype=bool)
        for larger, survives in zip(radii[number:], known[number:], strict=True):
            if larger in searched:
                robust |= survives
        candidates = np.flatnonzero(correct & ~robust)
        if len(candidates):
            part = f"curve {name} {radius:.10g}"
            result = runner.run(part, attack.with_epsilon(radius), indices[candidates], quiet=True)
            correct[candidates] = result.correct
        found.append(correct)
    return found
