"""Pictures of an evaluation, and the report that shows them."""

from custom.report.accuracy_curve import accuracy_curve
from custom.report.confusion import confusion_matrices
from custom.report.example_sheet import Examples, example_sheet
from custom.report.html import render_page, render_report
from custom.report.reliability import reliability_diagrams
from custom.report.style import figure_png
from custom.report.threat_model import format_radius, strongest_attacks
from custom.report.verdict import Verdict, verdict

__all__ = [
    "Examples",
    "Verdict",
    "accuracy_curve",
    "confusion_matrices",
    "example_sheet",
    "figure_png",
    "format_radius",
    "reliability_diagrams",
    "render_page",
    "render_report",
    "strongest_attacks",
    "verdict",
]
