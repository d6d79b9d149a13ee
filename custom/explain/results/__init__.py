"""The explanations of many images: their folder, means with intervals, and the comparison of models."""

from custom.explain.results.comparison import compare_explanations
from custom.explain.results.folder import Explanations, ExplanationWriter, read_explanations
from custom.explain.results.record import ExplanationRecord
from custom.explain.results.summary import mean_interval, summarize_explanations, write_measures_csv

__all__ = [
    "ExplanationRecord",
    "ExplanationWriter",
    "Explanations",
    "compare_explanations",
    "mean_interval",
    "read_explanations",
    "summarize_explanations",
    "write_measures_csv",
]
