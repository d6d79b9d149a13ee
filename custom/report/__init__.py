"""Pictures of an evaluation, and the report that shows them."""

from custom.report.accuracy_curve import accuracy_curve
from custom.report.comparison import Comparison, EvaluatedRun, compare_runs, read_run
from custom.report.comparison_tables import comparison_csv, comparison_html, comparison_markdown
from custom.report.confusion import confusion_matrices
from custom.report.example_sheet import Examples, example_sheet
from custom.report.html import render_page, render_report
from custom.report.reliability import reliability_diagrams
from custom.report.render import print_verdict, write_report
from custom.report.sections import replace_section
from custom.report.style import figure_png
from custom.report.threat_model import format_radius, strongest_attacks
from custom.report.verdict import Verdict, verdict

__all__ = [
    "Comparison",
    "EvaluatedRun",
    "Examples",
    "Verdict",
    "accuracy_curve",
    "compare_runs",
    "comparison_csv",
    "comparison_html",
    "comparison_markdown",
    "confusion_matrices",
    "example_sheet",
    "figure_png",
    "format_radius",
    "print_verdict",
    "read_run",
    "reliability_diagrams",
    "render_page",
    "render_report",
    "replace_section",
    "strongest_attacks",
    "verdict",
    "write_report",
]
