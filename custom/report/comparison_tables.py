"""A comparison of evaluations as CSV, Markdown and HTML."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from custom.metrics import WITHOUT_INTERVAL
from custom.report.comparison import Comparison
from custom.report.html import METRIC_NAMES, render_page
from custom.report.verdict import percent

NOTE = (
    "Shares in %, in brackets 95 % intervals of a bootstrap over lesions. Differences are in points, to the "
    "first column, from a paired bootstrap that draws the same lesions for both; * marks intervals without "
    "0. p is an exact permutation test by lesion. Nothing is corrected for the number of comparisons."
)


def comparison_csv(comparisons: Sequence[Comparison]) -> str:
    """One row for each attack, metric and run, as shares in [0, 1]."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    changes = ["difference", "difference_low", "difference_high", "p_value"]
    writer.writerow(["attack", "metric", "run", "value", "low", "high", *changes])
    for item in comparisons:
        for metric, interval in item.metrics.items():
            difference: Sequence[float | str] = item.differences.get(metric, ("", "", ""))
            p_value = item.test.p_value if item.test and metric == "accuracy" else ""
            writer.writerow([item.attack, metric, item.run, *interval.values(), *difference, p_value])
    return text.getvalue()


def comparison_tables(comparisons: Sequence[Comparison]) -> list[tuple[str, list[str], list[list[str]]]]:
    """Tables with title, head and rows: accuracy with its tests first, then the other metrics.

    Args:
        comparisons: what `compare_runs` returned.
    """
    runs = list(dict.fromkeys(item.run for item in comparisons))
    attacks = list(dict.fromkeys(item.attack for item in comparisons))
    cells = {(item.attack, item.run): item for item in comparisons}
    metrics = list(comparisons[0].metrics)
    tables = []
    for metric in metrics:
        title = METRIC_NAMES.get(metric, metric.replace("recall_", "Recall of "))
        rows = [
            [attack, *(_cell(cells[attack, run], metric) for run in runs)]
            for attack in attacks
            if metric in cells[attack, runs[0]].metrics
        ]
        tables.append((title, ["attack", *runs], rows))
    return tables


def _cell(item: Comparison, metric: str) -> str:
    value = item.metrics[metric]
    text = percent(value, unit="")
    if metric in item.differences and metric not in WITHOUT_INTERVAL:
        change, low, high = (100 * number for number in item.differences[metric])
        star = "*" if low > 0 or high < 0 else ""
        text += f"; {change:+.1f} ({low:+.1f} to {high:+.1f}){star}"
    if item.test and metric == "accuracy":
        text += f", p {item.test.p_value:.2g}"
    return text


def comparison_markdown(comparisons: Sequence[Comparison]) -> str:
    """The tables as Markdown."""
    lines = ["# Comparison", "", NOTE, ""]
    for title, head, rows in comparison_tables(comparisons):
        lines += [f"## {title}", "", f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
        lines += [f"| {' | '.join(row)} |" for row in rows]
        lines.append("")
    return "\n".join(lines)


def comparison_html(comparisons: Sequence[Comparison]) -> str:
    """The tables as one self-contained page."""
    return render_page("comparison.html", tables=comparison_tables(comparisons), note=NOTE)
