"""Numbers as cells of tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from custom.report.page import Cell
from custom.report.threat_model import format_radius

NOTHING = "–"


def number(value: float | None, digits: int = 3) -> str:
    """A number, or a dash if there is none."""
    return NOTHING if value is None else f"{value:.{digits}f}"


def share(interval: Mapping[str, float | None] | None) -> Cell:
    """A share in %, with its interval below if it has one."""
    return measure(interval, scale=100, digits=1)


def measure(interval: Mapping[str, float | None] | None, scale: float = 1, digits: int = 3) -> Cell:
    """A measure with its interval below, if it has one."""
    if interval is None or interval["value"] is None:
        return Cell(NOTHING)
    low, high = interval.get("low"), interval.get("high")
    note = "" if low is None or high is None else f"{scale * low:.{digits}f} to {scale * high:.{digits}f}"
    return Cell(f"{scale * interval['value']:.{digits}f}", note)


def radius(record: Mapping[str, Any]) -> str:
    """The ball of a record in words."""
    return format_radius(record["norm"], record["epsilon"]) if record["norm"] else "none"


def attack(record: Mapping[str, Any]) -> Cell:
    """What a record's images are, with its number of steps below."""
    if record["attack"] == "clean":
        return Cell("clean")
    steps = record.get("steps") or 1
    return Cell(record["attack"], f"{steps} steps" if steps > 1 else "")


def title(record: Mapping[str, Any]) -> str:
    """A record's attack and ball, for the title of a figure."""
    return "clean" if record["attack"] == "clean" else f"{record['attack']}, {radius(record)}"
