"""One look for all figures."""

from __future__ import annotations

import io
from typing import Any

import matplotlib
from matplotlib.figure import Figure

COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#666666")
"""Distinguishable also for the color-blind (Okabe and Ito)."""

RIGHT, WRONG = COLORS[2], COLORS[1]
"""Colors of right and wrong predictions."""

INK = "#1f2933"
"""Color of text."""

WIDTH = 3.75
"""Inches of a panel, which is 360 CSS pixels: the width of a phone."""

STYLE: dict[Any, Any] = {
    # A class name with two dollar signs is a name, not a formula.
    "text.parse_math": False,
    "font.size": 9,
    "axes.titlesize": 10,
    "legend.fontsize": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
}
"""Settings of matplotlib that hold while a figure is made and saved: ``matplotlib.rc_context(STYLE)``."""


def panel(height: float = 3.1, width: float = WIDTH) -> Figure:
    """An empty figure of a phone's width.

    A report shows several panels beside each other if there is room, and below each other on a phone, so that
    their text stays readable.

    Args:
        height: in inches.
        width: in inches.
    """
    return Figure(figsize=(width, height), layout="constrained")


def shorten(name: str, length: int = 18) -> str:
    """Cut a name that a figure has no room for.

    Example::

        >>> from custom.report.style import shorten
        >>> shorten("pigmented benign keratosis", 12)
        'pigmented b…'

    """
    return name if len(name) <= length else f"{name[: length - 1]}…"


def figure_png(figure: Figure) -> bytes:
    """A figure as the content of a PNG file with 2 pixels for each CSS pixel."""
    buffer = io.BytesIO()
    with matplotlib.rc_context(STYLE):
        # Without the name of the software the same figure always gives the same bytes.
        figure.savefig(buffer, format="png", dpi=192, metadata={"Software": None})
    return buffer.getvalue()
