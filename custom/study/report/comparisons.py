"""Differences between arms, corrected for their number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from custom.metrics.hierarchical import HierarchicalEstimate
from custom.metrics.multiple_comparisons import holm
from custom.study.report.measures import COMPARED, Measure
from custom.study.results import Arm, Group

REFERENCES = ("AT", "DPAAT")
LEVEL = 0.05
FEWEST_SEEDS = 3
"""With fewer seeds no difference counts as shown, whatever its p-value: how seeds differ is not known."""


@dataclass(frozen=True)
class Comparison:
    """One arm's measure minus another's.

    Attributes:
        arm: the one.
        reference: the one that is subtracted.
        measure: what is compared.
        difference: with its interval, which is not corrected, and its own p-value.
        p_value: Holm's, among the comparisons of its family.
    """

    arm: str
    reference: str
    measure: Measure
    difference: HierarchicalEstimate
    p_value: float = 1.0

    @property
    def shown(self) -> bool:
        """Whether the difference is more than chance explains."""
        return self.p_value < LEVEL and self.difference.seeds >= FEWEST_SEEDS


def corrected(comparisons: Sequence[Comparison]) -> list[Comparison]:
    """Correct the p-values of a family of comparisons.

    Args:
        comparisons: the family.
    """
    adjusted = holm([comparison.difference.p_value for comparison in comparisons])
    return [replace(item, p_value=p_value) for item, p_value in zip(comparisons, adjusted, strict=True)]


def compare(group: Group) -> list[Comparison]:
    """Each arm of a group minus AT and minus DPAAT, by each of the compared measures: one family.

    Args:
        group: the group.
    """
    arms, found = group.tested, []
    for reference in (name for name in REFERENCES if name in arms):
        for name, arm in arms.items():
            # DPAAT minus AT is among the comparisons to AT.
            if name == reference or (reference, name) == ("DPAAT", "AT"):
                continue
            found += [
                Comparison(name, reference, measure, difference)
                for measure in COMPARED
                if (difference := measure.difference(arm, arms[reference], group.test_set)) is not None
            ]
    return corrected(found)


def difference_of(group: Group, measure: Measure, first: str, second: str) -> Comparison | None:
    """One comparison, not corrected yet; ``None`` if an arm is not finished.

    Args:
        group: the group.
        measure: what to compare.
        first: the one.
        second: the one to subtract.
    """
    arms: dict[str, Arm] = group.tested
    if first not in arms or second not in arms:
        return None
    difference = measure.difference(arms[first], arms[second], group.test_set)
    return None if difference is None else Comparison(first, second, measure, difference)
