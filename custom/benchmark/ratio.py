"""How long one case takes relative to another that ran beside it."""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass

from custom.benchmark.row import Row


@dataclass(frozen=True)
class Ratio:
    """Time of one case divided by that of another, repeat by repeat.

    As cases take turns, a machine that slows down from repeat to repeat slows both, and their ratios stay.

    Attributes:
        values: one ratio per repeat.
    """

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The median over the repeats."""
        return statistics.median(self.values)

    @property
    def low(self) -> float:
        """The lowest of all repeats."""
        return min(self.values)

    @property
    def high(self) -> float:
        """The highest of all repeats."""
        return max(self.values)


def ratio(numerator: Row, denominator: Row) -> Ratio:
    """Time of one row divided by that of another of its group.

    Args:
        numerator: a row.
        denominator: another one, with as many repeats.

    Returns:
        The ratios.

    Raises:
        ValueError: the rows differ in the number of repeats.
    """
    pairs = zip(numerator.timing.seconds, denominator.timing.seconds, strict=True)
    return Ratio(tuple(one / other for one, other in pairs))


def relative_to(rows: Iterable[Row], row: Row, case: str) -> Ratio | None:
    """Time of ``row`` divided by that of another case of its group, or None where there is no such case."""
    for other in rows:
        if other.group == row.group and other.case == case:
            return ratio(row, other)
    return None
