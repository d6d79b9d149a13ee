"""Reports of evaluations: pure functions of the folders that evaluations write."""

from custom.report.evidence import evidence_of, verdict_of
from custom.report.index import IndexEntry, render_index, write_index
from custom.report.marked_section import replace_section
from custom.report.render import print_verdict, render, write_report
from custom.report.run_names import short_names
from custom.report.style import figure_png
from custom.report.threat_model import format_radius
from custom.report.verdict import Verdict, percent, verdict

__all__ = [
    "IndexEntry",
    "Verdict",
    "evidence_of",
    "figure_png",
    "format_radius",
    "percent",
    "print_verdict",
    "render",
    "render_index",
    "replace_section",
    "short_names",
    "verdict",
    "verdict_of",
    "write_index",
    "write_report",
]
