"""Estimates as cells of tables."""

from __future__ import annotations

from custom.metrics.hierarchical import HierarchicalEstimate
from custom.report.page import Cell
from custom.report.sections.cells import NOTHING
from custom.study.report.comparisons import Comparison


def percent_cell(estimate: HierarchicalEstimate | None) -> Cell:
    """A share in % with its interval."""
    if estimate is None:
        return Cell(NOTHING)
    return Cell(f"{100 * estimate.value:.1f}", f"{100 * estimate.low:.1f} to {100 * estimate.high:.1f}")


def number_cell(estimate: HierarchicalEstimate) -> Cell:
    """A number with its interval."""
    return Cell(f"{estimate.value:.3f}", f"{estimate.low:.3f} to {estimate.high:.3f}")


def difference_cell(comparison: Comparison | None) -> Cell:
    """A difference in points with its interval and its corrected p-value, marked if it is more than chance."""
    if comparison is None:
        return Cell(NOTHING)
    found = comparison.difference
    note = f"{100 * found.low:+.1f} to {100 * found.high:+.1f}\np {comparison.p_value:.2g}"
    return Cell(
        f"{100 * found.value:+.1f}{'*' if comparison.shown else ''}", note, "marked" if comparison.shown else ""
    )
