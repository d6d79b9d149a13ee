"""What a report says of an arm."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from custom.metrics.hierarchical import HierarchicalEstimate, hierarchical_mean
from custom.study.packed import from_digits
from custom.study.results import Arm, TestSet

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Measure:
    """A mean over seeds and images.

    Attributes:
        title: its name.
        values: of an arm, a value for each seed and image, shape (S, N).
        of_interest: whether it is of the images of the class of interest alone.
        needs: name of an attack or part that an arm's records must have; none if all have it.
    """

    title: str
    values: Callable[[Arm, TestSet], Array]
    of_interest: bool = False
    needs: str = ""

    def known(self, arm: Arm) -> bool:
        """Whether an arm's records have what the measure needs."""
        if self.needs == "autoattack":
            return any(record.get("autoattack") for record in arm.records.values())
        if self.needs == "curve":
            return all(record.get("curve") for record in arm.records.values())
        return not self.needs or arm.has(self.needs)

    def members(self, test: TestSet) -> NDArray[np.bool_] | None:
        """Which images it is of; ``None`` for all."""
        return test.labels == test.class_of_interest if self.of_interest else None

    def estimate(self, arm: Arm, test: TestSet) -> HierarchicalEstimate | None:
        """The measure of an arm with its interval over seeds and lesions; ``None`` if it is not known."""
        if not self.known(arm):
            return None
        return hierarchical_mean(self.values(arm, test), test.lesions, self.members(test))

    def difference(self, arm: Arm, other: Arm, test: TestSet) -> HierarchicalEstimate | None:
        """An arm's measure minus another's, paired by seed and image; ``None`` if they share no seed.

        Args:
            arm: the one.
            other: the one to subtract.
            test: their images.
        """
        seeds = sorted(set(arm.seeds) & set(other.seeds))
        if not seeds or not (self.known(arm) and self.known(other)):
            return None
        values = self.values(arm.only(seeds), test) - self.values(other.only(seeds), test)
        return hierarchical_mean(values, test.lesions, self.members(test))


def _attacked(name: str) -> Callable[[Arm, TestSet], Array]:
    return lambda arm, test: arm.correct(name, test.labels)


def _autoattack(arm: Arm, _: TestSet) -> Array:
    rows = [from_digits(arm.records[seed]["autoattack"]) for seed in arm.seeds if arm.records[seed].get("autoattack")]
    return np.stack(rows).astype(np.float64)


CLEAN = Measure("clean", _attacked("clean"))
ROBUST = Measure("worst case, training radius", lambda arm, _: arm.worst_case(1))
ROBUST_TWICE = Measure("worst case, twice the radius", lambda arm, _: arm.worst_case(2))
AREA = Measure("expected robustness", lambda arm, _: arm.area(), needs="curve")
AUTOATTACK = Measure("with AutoAttack", _autoattack, needs="autoattack")
RECALL = Measure("recall of the class of interest, clean", _attacked("clean"), of_interest=True)
RECALL_ROBUST = Measure(
    "recall of the class of interest, worst case", lambda arm, _: arm.worst_case(1), of_interest=True
)
PGD20 = Measure("20-PGD", _attacked("pgd20"), needs="pgd20")

MAIN = (CLEAN, ROBUST, ROBUST_TWICE, AREA, AUTOATTACK, RECALL, RECALL_ROBUST)
COMPARED = (CLEAN, ROBUST, ROBUST_TWICE, AREA)
TABLE_ONE = (
    Measure("FGSM", _attacked("fgsm"), needs="fgsm"),
    Measure("10-IFGSM", _attacked("ifgsm10"), needs="ifgsm10"),
    Measure("20-IFGSM", _attacked("ifgsm20"), needs="ifgsm20"),
    PGD20,
    Measure("50-PGD", _attacked("pgd50"), needs="pgd50"),
    Measure("GAcc", _attacked("clean")),
)
