"""A comparison of evaluations as CSV, Markdown and HTML."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from custom.files import write_together
from custom.markdown import escape_markdown, markdown_table
from custom.metrics import LESS_IS_BETTER
from custom.report.comparison.compare import Case, Comparison
from custom.report.comparison.compare import Cell as Found
from custom.report.comparison.sentence import comparison_sentence, is_shown
from custom.report.evidence import class_titles, verdict_of
from custom.report.figures import intervals_figure
from custom.report.groups import images_and_groups, unit_plural
from custom.report.page import Cell, Panel, Section, Table, render_page
from custom.report.sections.cells import share
from custom.report.sections.confidence import IN_PERCENT, METRIC_NAMES, metric_cell
from custom.report.sections.radius_curve import curve_figure
from custom.report.threat_model import format_radius


def comparison_csv(comparison: Comparison) -> str:
    """One row for each case, metric and model, as shares in [0, 1]."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    changes = ["difference", "difference_low", "difference_high", "p_value"]
    writer.writerow(["attack", "norm", "epsilon", "metric", "model", "value", "low", "high", *changes])
    for case, cells in comparison.cells.items():
        for name, cell in cells.items():
            for metric, interval in cell.metrics.items():
                difference: Sequence[object] = cell.differences.get(metric, ("", "", ""))
                p_value = cell.p_value if cell.p_value is not None and metric == "accuracy" else ""
                ends = [interval["value"], interval["low"], interval["high"]]
                cells_written = [*ends, *difference, p_value]
                writer.writerow([case.attack, case.norm, case.epsilon, metric, name, *map(_written, cells_written)])
    return text.getvalue()


def comparison_markdown(comparison: Comparison) -> str:
    """The sentence and the tables as Markdown."""
    lines = ["# Comparison", "", escape_markdown(comparison_sentence(comparison)), "", _note(comparison), ""]
    for table in comparison_tables(comparison):
        header = [escape_markdown(text) for text in table.header]
        rows = [[_in_one_line(cell) for cell in row] for row in table.cells]
        lines += [f"## {escape_markdown(table.summary or 'Accuracy in %')}", "", markdown_table(header, rows), ""]
    return "\n".join(lines)


def comparison_html(comparison: Comparison, output: Path | None = None) -> str:
    """The sentence, charts and tables as one self-contained page.

    Args:
        comparison: what `compare_runs` returned.
        output: the folder that the page will lie in, for links to the models' reports; no links if ``None``.
    """
    first, *others = comparison_tables(comparison)
    data = comparison.runs[0].metrics["data"]
    sections = [
        Section("chart", "Clean and worst case", [], [models_table(comparison, output)], _chart(comparison)),
        Section("radius", "Accuracy against the radius", panels=_curves(comparison)),
        Section("accuracy", "Accuracy in %", [_note(comparison)], [first]),
        Section("metrics", "Further metrics", tables=others),
    ]
    return render_page(
        "Comparison of classifiers",
        subtitle=f"On {data['name']}: {images_and_groups(comparison.runs[0].metrics)}.",
        lead=comparison_sentence(comparison),
        sections=[section for section in sections if section.tables or section.panels],
        files=["comparison.csv", "comparison.md"] if output else [],
    )


def write_comparison(comparison: Comparison, output: Path) -> Path:
    """Write ``comparison.html``, ``comparison.md`` and ``comparison.csv``: all of them, or none.

    Args:
        comparison: what `compare_runs` returned.
        output: the folder to write to; it is made if it is missing.

    Returns:
        The path of ``comparison.html``.

    Raises:
        OSError: if they cannot be written.
    """
    page = output / "comparison.html"
    contents = {
        page: comparison_html(comparison, output),
        output / "comparison.md": comparison_markdown(comparison),
        output / "comparison.csv": comparison_csv(comparison),
    }
    write_together({path: text.encode() for path, text in contents.items()})
    return page


def models_table(comparison: Comparison, output: Path | None) -> Table:
    """A row for each model: its verdict, its accuracy clean and in the worst case, and a link to its report."""
    balls = comparison.balls
    header = ["Model", "Clean", *(f"Worst case, {format_radius(case.norm, case.epsilon)}" for case in balls), "Verdict"]
    rows = []
    for run in comparison.runs:
        found = verdict_of(run.metrics)
        link = os.path.relpath(run.folder / "report.html", output) if output else ""
        shares = [share(comparison.cells[case][run.name].metrics["accuracy"]) for case in (Case("clean"), *balls)]
        rows.append([Cell(run.name, link=link), *shares, Cell(found.title, level=found.level)])
    return Table(header, rows)


def comparison_tables(comparison: Comparison) -> list[Table]:
    """Tables with a row for each case and a column for each model: accuracy first, the others folded."""
    names = [run.name for run in comparison.runs]
    titles = class_titles(comparison.runs[0].metrics)
    labels = METRIC_NAMES | {f"recall_{name}": f"Recall of {title}" for name, title in titles.items()}
    tables = []
    for metric, label in labels.items():
        rows = [
            [Cell(case.attack, format_radius(case.norm, case.epsilon) if case.norm else "")]
            + [_cell(cells[name], metric) for name in names]
            for case, cells in comparison.cells.items()
            if all(metric in cells[name].metrics for name in names)
        ]
        if rows:
            unit = " in %" if metric in IN_PERCENT or metric.startswith("recall_") else ""
            better = ", less is better" if metric in LESS_IS_BETTER else ""
            key = range(1, 1 + len(comparison.balls))
            folded = "" if metric == "accuracy" else f"{label}{unit}{better}"
            tables.append(Table(["Images", *names], rows, 1, key if metric == "accuracy" else (), summary=folded))
    return tables


def _cell(cell: Found, metric: str) -> Cell:
    shown = metric_cell(metric, cell.metrics[metric])
    note = shown.note
    if metric not in cell.differences:
        return Cell(shown.text, note)
    difference = cell.differences[metric]
    scale, digits = (100, 1) if metric in IN_PERCENT or metric.startswith("recall_") else (1, 3)
    change, low, high = (scale * number for number in difference)
    text = f"{change:+.{digits}f}"
    marked = False
    if not np.isnan(low):
        marked = low > 0 or high < 0
        text += f" ({low:+.{digits}f} to {high:+.{digits}f}){'*' if marked else ''}"
    if metric == "accuracy" and cell.p_value is not None:
        text += f", p {cell.p_value:.2g}"
        marked = is_shown(difference, cell.p_value)
    return Cell(shown.text, f"{note}\n{text}" if note else text, "marked" if marked else "")


def _chart(comparison: Comparison) -> list[Panel]:
    names = [run.name for run in comparison.runs]
    series = {
        "clean" if case.attack == "clean" else f"worst case, {format_radius(case.norm, case.epsilon)}": [
            _known(comparison.cells[case][name].metrics["accuracy"]) for name in names
        ]
        for case in (Case("clean"), *comparison.balls)
    }
    chance = comparison.runs[0].metrics["baselines"]["chance"]
    figure = intervals_figure(
        names, series, title="Accuracy, clean and worst case", xlabel="accuracy in %", references={"chance": chance}
    )
    return [Panel("accuracy", figure)]


def _known(interval: object) -> dict[str, float] | None:
    assert isinstance(interval, dict)
    return None if interval["value"] is None else interval


def _curves(comparison: Comparison) -> list[Panel]:
    panels = []
    for norm in dict.fromkeys(curve["norm"] for run in comparison.runs for curve in run.metrics["curves"]):
        curves = {
            run.name: curve for run in comparison.runs for curve in run.metrics["curves"] if curve["norm"] == norm
        }
        panels.append(Panel(f"accuracy_{norm}", curve_figure(curves, norm, comparison.runs[0].metrics["baselines"])))
    return panels


def _in_one_line(cell: Cell) -> str:
    interval, *change = cell.note.splitlines() or [""]
    text = f"{cell.text} ({interval})" if interval else cell.text
    return escape_markdown("; ".join([text, *change]))


def _written(value: object) -> object:
    return "" if value is None or (isinstance(value, float) and np.isnan(value)) else value


def _note(comparison: Comparison) -> str:
    """How to read the tables."""
    drawn = unit_plural(comparison.runs[0].metrics)
    one = str(comparison.runs[0].metrics["bootstrap"]["unit"])
    return (
        f"Below each value its 95 % interval from a bootstrap over {drawn}, and the difference to the first model, "
        f"from a paired bootstrap that draws the same {drawn} for both; * marks intervals without 0. p is a "
        f"permutation test that exchanges the two models {one} by {one}. Nothing is corrected for the number of "
        "comparisons."
    )
