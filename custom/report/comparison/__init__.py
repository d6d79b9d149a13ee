"""Evaluations of several models, side by side."""

from custom.report.comparison.compare import Case, Comparison, compare_runs
from custom.report.comparison.read import EvaluatedRun, read_runs
from custom.report.comparison.sentence import comparison_sentence
from custom.report.comparison.write import comparison_csv, comparison_html, comparison_markdown, write_comparison

__all__ = [
    "Case",
    "Comparison",
    "EvaluatedRun",
    "compare_runs",
    "comparison_csv",
    "comparison_html",
    "comparison_markdown",
    "comparison_sentence",
    "read_runs",
    "write_comparison",
]
