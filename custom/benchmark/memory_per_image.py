"""How the peak memory of a training step grows with the batch."""

import statistics
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from custom.benchmark.row import Row

BASELINE = "at"


class Line(NamedTuple):
    """A straight line through measurements.

    Attributes:
        slope: MB per image.
        intercept: MB of a batch of no images.
        r_squared: share of the measurements' variance that the line explains.
    """

    slope: float
    intercept: float
    r_squared: float


def fit_line(batch_sizes: Sequence[float], megabytes: Sequence[float]) -> Line:
    """The line of least squares.

    Args:
        batch_sizes: numbers of images, at least two different ones.
        megabytes: the peak memory at each of them.

    Returns:
        The line.

    Raises:
        statistics.StatisticsError: there are no two different batch sizes.
    """
    slope, intercept = statistics.linear_regression(batch_sizes, megabytes)
    # A level line explains all of no variance.
    level = len(set(megabytes)) == 1
    return Line(slope, intercept, 1.0 if level else statistics.correlation(batch_sizes, megabytes) ** 2)


def memory_lines(rows: Sequence[Row]) -> list[str]:
    """A Markdown table of memory per image for each network, size and method of the part ``scaling``.

    Args:
        rows: the measurements; those of other parts or without memory are passed over.

    Returns:
        The lines; none where no method was measured at two batch sizes.
    """
    points: dict[tuple[str, int], dict[str, dict[int, float]]] = {}
    for row in rows:
        if row.group.kind == "scaling" and row.memory is not None:
            methods = points.setdefault((row.network, row.size), {})
            methods.setdefault(row.group.method, {})[row.batch_size] = row.memory / 1e6
    found = []
    for (network, size), methods in points.items():
        fitted = {name: fit_line([*at], [*at.values()]) for name, at in methods.items() if len(at) > 1}
        found += [
            f"| {network} | {size} | {name} | {line.slope:.1f} | {line.intercept:.0f} | {line.r_squared:.4f} "
            f"| {_relative(fitted, name)} |"
            for name, line in fitted.items()
        ]
    if not found:
        return []
    head = f"| network | size | method | MB per image | MB besides | r² | MB per image, {BASELINE} = 1 |"
    return ["## Memory per image", "", head, "|" + " --- |" * 7, *found, ""]


def _relative(fitted: Mapping[str, Line], name: str) -> str:
    """A method's slope divided by that of the baseline, where both are there."""
    if BASELINE not in fitted or not fitted[BASELINE].slope:
        return ""
    return f"{fitted[name].slope / fitted[BASELINE].slope:.2f}"
