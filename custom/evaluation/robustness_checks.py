"""Is the robustness real, or did the attack only fail?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from custom.attacks import Attack
from custom.metrics import Predictions

# AutoAttack says this whenever there are three classes, for which the set run here leaves that attack out.
_EXPECTED_NOTE = "targeted DLR loss"


@dataclass(frozen=True)
class Check:
    """The outcome of one check.

    Attributes:
        name: what was checked.
        passed: whether the robustness looks real in this respect.
        detail: the figures.
    """

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True)
class RobustnessChecks:
    """Signs of false robustness (Carlini et al., "On evaluating adversarial robustness", 2019).

    A network can look robust because its gradients mislead the attack. The comparisons here must hold for any
    network if the attacks do their work. Further attacks run on a subset of the images that holds all classes
    alike.

    Args:
        reference: the white-box attack that the others are compared with; none skips those that need it.
        many_steps: the same attack with many more steps; hardly stronger, if the reference has converged.
        unbounded: an attack with a radius that allows every image; it must leave no image right.
        black_box: attacks that do not use the network's gradient, by name, at the reference's radius; the
            reference must be at least as strong.
        images: size of the subset.
        tolerance: difference of accuracy put down to chance, in [0, 1].

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
            "many_steps": self.many_steps,
            "unbounded": self.unbounded,
            **{f"black_box_{name}": attack for name, attack in self.black_box.items()},
        }
        return {name: attack for name, attack in named.items() if attack is not None}

    def subset(self, labels: NDArray[np.int64]) -> NDArray[np.int64]:
        """Indices of the images to check on, the first of each class in turn, in ascending order.

        Args:
            labels: true classes of all images, shape (N,).
        """
        rank_in_class = np.empty(len(labels), dtype=np.int64)
        for label in np.unique(labels):
            members = np.flatnonzero(labels == label)
            rank_in_class[members] = np.arange(len(members))
        return np.sort(np.argsort(rank_in_class, kind="stable")[: self.images])

    def judge(
        self,
        attacks: Mapping[str, Attack],
        attacked: Mapping[str, Predictions],
        checked: Mapping[str, Predictions],
    ) -> list[Check]:
        """Compare the outcomes.

        Args:
            attacks: the attacks evaluated on all images, by name.
            attacked: their predictions.
            checked: predictions of those in `attacks` of this object, on the subset.

        Returns:
            One outcome for each comparison that could be made.
        """
        checks = self._iterated(attacks, attacked)
        accuracy = {name: predictions.accuracy for name, predictions in checked.items()}
        images = f"on {len(next(iter(checked.values())).labels)} images" if checked else ""
        if "unbounded" in accuracy:
            remaining = accuracy["unbounded"]
            checks.append(
                Check(
                    "An unbounded radius leaves no image right",
                    remaining == 0,
                    f"{remaining:.1%} still right {images}",
                )
            )
        if "reference" in accuracy:
            reference = accuracy["reference"]
            if "many_steps" in accuracy:
                many = accuracy["many_steps"]
                checks.append(
                    Check(
                        f"{getattr(self.many_steps, 'steps', 'Many')} steps are hardly stronger than "
                        f"{getattr(self.reference, 'steps', 'few')}",
                        reference - many <= self.tolerance,
                        f"{many:.1%} against {reference:.1%} right {images}",
                    )
                )
            checks += [
                Check(
                    f"The white box is at least as strong as the black box ({name})",
                    reference <= accuracy[f"black_box_{name}"] + self.tolerance,
                    f"{reference:.1%} against {accuracy[f'black_box_{name}']:.1%} right {images}",
                )
                for name in self.black_box
            ]
        return checks + self._warnings({**attacked, **checked})

    def _iterated(self, attacks: Mapping[str, Attack], attacked: Mapping[str, Predictions]) -> list[Check]:
        """Each iterated attack against each attack of one step in the same ball."""
        checks = []
        for single, first in attacks.items():
            for iterated, second in attacks.items():
                same_ball = first.norm == second.norm and first.epsilon == second.epsilon
                if same_ball and getattr(first, "steps", 0) == 1 and getattr(second, "steps", 0) > 1:
                    one, several = attacked[single].accuracy, attacked[iterated].accuracy
                    checks.append(
                        Check(
                            f"{iterated} is at least as strong as {single}",
                            several <= one + self.tolerance,
                            f"{several:.1%} against {one:.1%} right",
                        )
                    )
        return checks

    @staticmethod
    def _warnings(predictions: Mapping[str, Predictions]) -> list[Check]:
        """What AutoAttack itself warned of."""
        notes = dict.fromkeys(
            note for result in predictions.values() for note in result.notes if _EXPECTED_NOTE not in note
        )
        return [Check("The attacks gave no warning", not notes, " ".join(notes) or "none")]
