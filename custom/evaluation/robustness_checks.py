"""Sanity checks for gradient masking: is the robustness real, or did the attack only fail?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custom.attacks import Attack
from custom.counts import counted
from custom.evaluation.attack_runner import AttackRunner
from custom.evaluation.class_subset import class_subset
from custom.evaluation.input_gradients import zero_gradient_share
from custom.evaluation.select_attacks import SelectedAttack
from custom.metrics import AttackKey, Predictions

# AutoAttack says this whenever there are three classes, for which the set run here leaves that attack out.
_EXPECTED_NOTE = "targeted DLR loss"

_OTHER_SEED = ("reference_again", "epsilon_0")

# Two runs on batches of other sizes differ by the rounding of float32, no more.
_SAME_PROBABILITY = 1e-3


@dataclass(frozen=True)
class Check:
    """The outcome of one check.

    Attributes:
        check: which check it is.
        name: what must hold.
        passed: whether it does.
        detail: the figures.
    """

    check: str
    name: str
    passed: bool
    detail: str


@dataclass(frozen=True)
class RobustnessChecks:
    """Signs of gradient masking (Carlini et al., "On evaluating adversarial robustness", 2019).

    A network can look robust because its gradients mislead the attack. The comparisons here must hold for any
    network if the attacks do their work. Further attacks run on a subset of the images that holds all classes
    alike.

    Args:
        reference: the white-box attack that the others are compared with; none skips those that need it.
        many_steps: the same attack with many more steps; hardly stronger if the reference has converged, and never
            weaker.
        unbounded: an attack with a radius that allows every image; it must leave no image correct.
        black_box: attacks that do not use the network's gradient, by name, at the reference's radius; the
            reference must be at least as strong.
        images: size of the subset.
        tolerance: difference of accuracy put down to chance, in [0, 1).

    Raises:
        ValueError: if there is no image to check, or the tolerance is out of range.
    """

    reference: Attack | None = None
    many_steps: Attack | None = None
    unbounded: Attack | None = None
    black_box: Mapping[str, Attack] = field(default_factory=dict)
    images: int = 60
    tolerance: float = 0.03

    def __post_init__(self) -> None:
        if self.images < 1:
            raise ValueError(f"The checks need at least 1 image, not {self.images}.")
        if not 0 <= self.tolerance < 1:
            raise ValueError(f"The checks' tolerance must lie in [0, 1), not {self.tolerance}.")

    @property
    def attacks(self) -> dict[str, Attack]:
        """The attacks to run on the subset, by name."""
        named = {
            "reference": self.reference,
            "reference_again": self.reference,
            "epsilon_0": self.reference.with_epsilon(0.0) if self.reference else None,
            "many_steps": self.many_steps,
            "unbounded": self.unbounded,
            **{f"black_box_{name}": attack for name, attack in self.black_box.items()},
        }
        return {name: attack for name, attack in named.items() if attack is not None}

    def run(
        self,
        runner: AttackRunner,
        clean: Predictions,
        attacks: Sequence[SelectedAttack],
        attacked: Mapping[AttackKey, Predictions],
    ) -> list[Check]:
        """Run the attacks on the subset, and compare.

        Args:
            runner: runs the attacks.
            clean: predictions on all clean images.
            attacks: the attacks that the evaluation ran on all images.
            attacked: predictions under each of them.

        Returns:
            One outcome for each comparison that could be made.
        """
        indices = class_subset(clean.labels, self.images)
        checked = {
            # With other random numbers: a randomized network must not agree with itself by its seed.
            name: runner.run(f"check_{name}", attack, indices, seed=runner.seed + (name in _OTHER_SEED))
            for name, attack in self.attacks.items()
        }
        zero_gradients = zero_gradient_share(runner.network, runner.subset(indices), runner.device)
        return self.judge(attacks, attacked, checked, clean.subset(indices), zero_gradients)

    def judge(
        self,
        attacks: Sequence[SelectedAttack],
        attacked: Mapping[AttackKey, Predictions],
        checked: Mapping[str, Predictions],
        clean: Predictions | None = None,
        zero_gradients: float | None = None,
    ) -> list[Check]:
        """Compare the outcomes.

        Args:
            attacks: the attacks evaluated on all images.
            attacked: their predictions.
            checked: predictions of those in `attacks` of this object, on the subset.
            clean: predictions on the clean images of the subset, if they are known.
            zero_gradients: share of the subset at which the loss has no gradient, if it is known.

        Returns:
            One outcome for each comparison that could be made.
        """
        checks = self._more_steps(attacks, attacked)
        accuracy = {name: predictions.accuracy for name, predictions in checked.items()}
        images = f"on {counted(len(next(iter(checked.values())).labels), 'image')}" if checked else ""
        if "unbounded" in accuracy:
            left = accuracy["unbounded"]
            name = "An unbounded radius leaves no image correct"
            checks.append(Check("unbounded", name, left == 0, f"accuracy {left:.1%} {images}"))
        if zero_gradients is not None:
            name = "The loss has a gradient at the images"
            detail = f"it is zero at {zero_gradients:.1%} of the images"
            checks.append(Check("gradients", name, zero_gradients <= self.tolerance, detail))
        if clean is not None and "epsilon_0" in checked:
            passed = _same(clean, checked["epsilon_0"])
            name = "An attack of radius 0 leaves the clean accuracy"
            detail = f"accuracy {accuracy['epsilon_0']:.1%} against {clean.accuracy:.1%} {images}"
            checks.append(Check("epsilon_zero", name, passed, detail))
        if "reference_again" in checked:
            first, second = checked["reference"], checked["reference_again"]
            difference = float(np.abs(first.probabilities - second.probabilities).max())
            name, detail = "Two runs of an attack agree", f"probabilities differ by up to {difference:.2g} {images}"
            checks.append(Check("repeatable", name, _same(first, second), detail))
        if "reference" in accuracy:
            checks += self._against_reference(accuracy, len(checked["reference"].labels))
        return checks + self._warnings([*attacked.values(), *checked.values()])

    def _against_reference(self, accuracy: Mapping[str, float], count: int) -> list[Check]:
        reference, checks = accuracy["reference"], []
        images, tolerance = f"on {counted(count, 'image')}", self._tolerance(count)
        if "many_steps" in accuracy:
            many = accuracy["many_steps"]
            steps, few = getattr(self.many_steps, "steps", "Many"), getattr(self.reference, "steps", "few")
            detail = f"accuracy {many:.1%} against {reference:.1%} {images}"
            passed = reference - many <= tolerance
            checks.append(Check("converged", f"{steps} steps are hardly stronger than {few}", passed, detail))
            passed = many - reference <= tolerance
            checks.append(Check("more_steps", f"{steps} steps are no weaker than {few}", passed, detail))
        for name in (name for name in self.black_box if f"black_box_{name}" in accuracy):
            black_box = accuracy[f"black_box_{name}"]
            checks.append(
                Check(
                    "black_box",
                    f"The white box is at least as strong as the black box ({name})",
                    reference - black_box <= tolerance,
                    f"accuracy {reference:.1%} against {black_box:.1%} {images}",
                )
            )
        return checks

    def _more_steps(self, attacks: Sequence[SelectedAttack], attacked: Mapping[AttackKey, Predictions]) -> list[Check]:
        """In each ball each attack against the one with the next fewer steps."""
        balls: dict[tuple[str, float], list[SelectedAttack]] = {}
        for item in attacks:
            if getattr(item.attack, "steps", 0) >= 1 and not (item.survivors_only or item.minimal):
                balls.setdefault((item.attack.norm, item.attack.epsilon), []).append(item)
        checks = []
        for members in balls.values():
            ordered = sorted(members, key=_steps)
            for weaker, stronger in pairwise(ordered):
                if _steps(weaker) == _steps(stronger):
                    continue
                few, many = attacked[weaker.key].accuracy, attacked[stronger.key].accuracy
                tolerance = self._tolerance(len(attacked[weaker.key].labels))
                name = f"{stronger.name} is at least as strong as {weaker.name}"
                detail = f"accuracy {many:.1%} against {few:.1%}"
                checks.append(Check("more_steps", name, many - few <= tolerance, detail))
        return checks

    def _tolerance(self, images: int) -> float:
        """The difference of accuracy put down to chance: that of one image at least, and a little for rounding."""
        return max(self.tolerance, 1 / images) + 1e-9

    @staticmethod
    def _warnings(predictions: Sequence[Predictions]) -> list[Check]:
        """What AutoAttack itself warned of."""
        notes = dict.fromkeys(note for result in predictions for note in result.notes if _EXPECTED_NOTE not in note)
        return [Check("warnings", "The attacks gave no warning", not notes, " ".join(notes) or "none")]


def _steps(item: SelectedAttack) -> int:
    return int(getattr(item.attack, "steps", 0))


def _same(first: Predictions, second: Predictions) -> bool:
    differences: NDArray[Any] = np.abs(first.probabilities - second.probabilities)
    return bool(differences.max() <= _SAME_PROBABILITY)
