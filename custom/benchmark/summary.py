"""What the benchmark is made to find out: each target, and whether it is met."""

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from custom.benchmark.case import ART, EXACT, FLOOR, FOOLBOX, ITERATION, PLAIN, REDUCED, TORCHATTACKS, WAITING
from custom.benchmark.group import Group
from custom.benchmark.ratio import Ratio, ratio
from custom.benchmark.row import Row

COMPARE = {">=": operator.ge, "<=": operator.le, "<": operator.lt}


@dataclass(frozen=True)
class Target:
    """A bound for the ratio of two cases' times.

    Attributes:
        part: the part of the benchmark that has both cases.
        numerator: the case whose time is divided.
        denominator: the case whose time it is divided by.
        sign: on which side of the bound the ratio should be.
        bound: the bound.
        form: how to print the ratio and the bound.
    """

    part: str
    numerator: str
    denominator: str
    sign: Literal[">=", "<=", "<"]
    bound: float
    form: str = ".2f"

    @property
    def name(self) -> str:
        """What is compared."""
        return f"{self.part}: {self.numerator} / {self.denominator}"

    def met(self, value: float) -> bool:
        """Whether a ratio is on the right side of the bound."""
        return bool(COMPARE[self.sign](value, self.bound))


TARGETS = (
    Target("attack", TORCHATTACKS, EXACT, ">=", 1.5),
    Target("attack", ART, EXACT, ">=", 2.0),
    Target("attack", FOOLBOX, EXACT, ">=", 2.0),
    Target("attack", EXACT, FLOOR, "<=", 1.05, ".3f"),
    Target("attack", TORCHATTACKS, REDUCED, ">=", 3.0),
    Target("training, dpaat", EXACT, PLAIN, "<=", 0.8),
    Target("training, dpaat", REDUCED, PLAIN, "<=", 0.35),
    Target("loader, at", WAITING, ITERATION, "<", 0.03, ".1%"),
    Target("loader, std", WAITING, ITERATION, "<", 0.03, ".1%"),
)


def summary_lines(rows: Sequence[Row], targets: Sequence[Target] = TARGETS) -> list[str]:
    """A Markdown table of all targets whose cases were measured, network by network and size by size.

    Args:
        rows: the measurements.
        targets: what to look for.

    Returns:
        The lines; none where no target's cases were measured.
    """
    places = dict.fromkeys((row.network, row.size, row.batch_size) for row in rows)
    found = [
        _line(target, group, measured)
        for place in places
        for target in targets
        if (measured := target_ratio(target, group := Group(target.part, *place), rows)) is not None
    ]
    if not found:
        return []
    head = "| network | size | batch | ratio of times | target | measured | lowest to highest | |"
    return ["## Summary", "", head, "|" + " --- |" * 8, *found, ""]


def target_ratio(target: Target, group: Group, rows: Sequence[Row]) -> Ratio | None:
    """The ratio that a target is about in one group, or None where one of its cases was not measured."""
    cases = {row.case: row for row in rows if row.group == group}
    if target.numerator not in cases or target.denominator not in cases:
        return None
    return ratio(cases[target.numerator], cases[target.denominator])


def _line(target: Target, group: Group, measured: Ratio) -> str:
    """One target in one group."""
    median, low, high = (format(value, target.form) for value in (measured.median, measured.low, measured.high))
    verdict = "met" if target.met(measured.median) else "missed"
    return (
        f"| {group.network} | {group.size} | {group.batch_size} | {target.name} "
        f"| {target.sign} {format(target.bound, target.form)} | {median} | {low} to {high} | {verdict} |"
    )
