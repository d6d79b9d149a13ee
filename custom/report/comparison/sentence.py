"""A comparison in one sentence."""

from __future__ import annotations

from custom.metrics import PairedDifference
from custom.report.comparison.compare import CLEAN_IMAGES, Case, Cell, Comparison
from custom.report.evidence import verdict_of
from custom.report.threat_model import format_radius


def comparison_sentence(comparison: Comparison) -> str:
    """Say which model keeps most in the worst case, what it costs on clean images, and what may be chance.

    A model whose verdict is red, such as one with masked gradients, is the most robust one only if all are red.

    Args:
        comparison: what `compare_runs` returned.
    """
    first = comparison.runs[0].name
    case = comparison.balls[0] if comparison.balls else CLEAN_IMAGES
    cells = comparison.cells[case]
    red = {run.name: found.title for run in comparison.runs if (found := verdict_of(run.metrics)).level == "red"}
    best = max([name for name in cells if name not in red] or cells, key=lambda name: _value(cells[name]))
    where = "on clean images" if case == CLEAN_IMAGES else f"in the worst case within {_radius(case)}"
    most = "Most accurate" if case == CLEAN_IMAGES else "Most robust"
    if best in red:
        text = f"No model can be called robust; {best} ({red[best].lower()}) keeps most: {where} it is right on "
    else:
        text = f"{most} is {best}: {where} it is right on "
    text += f"{_of_100(cells[best])} of 100 images, "
    if best == first:
        others = [f"{_of_100(cell)} for {name} ({_points(cell)})" for name, cell in cells.items() if name != first]
        return f"{text}against {', '.join(others)}."
    text += f"against {_of_100(cells[first])} for {first} ({_points(cells[best])})"
    others = [
        f"{_of_100(cell)} for {name}{_overlap(cells[best], cell)}"
        for name, cell in cells.items()
        if name not in (best, first)
    ]
    if others:
        text += f" and {', '.join(others)}"
    if case != CLEAN_IMAGES:
        clean = comparison.cells[CLEAN_IMAGES]
        text += f"; on clean images on {_of_100(clean[best])}, against {_of_100(clean[first])} ({_points(clean[best])})"
    return f"{text}."


def is_shown(difference: PairedDifference, p_value: float | None) -> bool:
    """Whether a difference is more than chance explains: its interval is without 0, and p is below 0.05."""
    return (difference.low > 0 or difference.high < 0) and (p_value is None or p_value < 0.05)


def _radius(case: Case) -> str:
    return format_radius(case.norm, case.epsilon)


def _value(cell: Cell) -> float:
    return cell.metrics["accuracy"]["value"] or 0.0


def _overlap(best: Cell, other: Cell) -> str:
    """A note if the best model's lead over another one, to which no paired difference is known, is not clear."""
    high, low = other.metrics["accuracy"]["high"], best.metrics["accuracy"]["low"]
    return " (intervals overlap)" if high is None or low is None or high >= low else ""


def _of_100(cell: Cell) -> str:
    return f"{100 * _value(cell):.0f}"


def _points(cell: Cell) -> str:
    difference = cell.differences["accuracy"]
    change, low, high = (100 * number for number in difference)
    chance = "" if is_shown(difference, cell.p_value) else ", which may be chance"
    return f"{change:+.0f} points, {low:+.0f} to {high:+.0f}{chance}"
