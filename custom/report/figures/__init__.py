"""Figures of a report, each a panel as wide as a phone."""

from custom.report.figures.confusion_matrix import confusion_matrix_figure
from custom.report.figures.examples import amplification, example_figure
from custom.report.figures.heat_map import heat_map_figure
from custom.report.figures.intervals import intervals_figure
from custom.report.figures.lines import Line, lines_figure
from custom.report.figures.reliability import reliability_figure

__all__ = [
    "Line",
    "amplification",
    "confusion_matrix_figure",
    "example_figure",
    "heat_map_figure",
    "intervals_figure",
    "lines_figure",
    "reliability_figure",
]
