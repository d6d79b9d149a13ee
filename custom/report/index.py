"""A page that links the reports of several runs, their comparison and their explanations."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from custom.files import write_atomically
from custom.metrics import evaluation_folder, read_metrics
from custom.report.evidence import verdict_of
from custom.report.groups import images_and_groups
from custom.report.page import Cell, Section, Table, render_page
from custom.report.run_names import short_names
from custom.report.sections.cells import share
from custom.report.threat_model import format_radius

BESIDE_WEIGHTS = {
    "model card": "model_card.md",
    "learning curves": "learning_curves.png",
    "history": "history.csv",
    "config": "config.json",
}
"""Files of a run that an index links to, by what they are called."""


@dataclass(frozen=True)
class IndexEntry:
    """One run on an index page.

    Attributes:
        name: what to call the run.
        metrics: the content of its evaluation's ``metrics.json``.
        report: where its report is, relative to the page.
        links: further files by what they are called, relative to the page.
    """

    name: str
    metrics: Mapping[str, Any]
    report: str
    links: Mapping[str, str] = field(default_factory=dict)


def render_index(
    entries: Sequence[IndexEntry], *, title: str = "Robust classification", links: Mapping[str, str] | None = None
) -> str:
    """Write a page that links everything that was found about several runs.

    Args:
        entries: the runs, in order.
        title: the page's heading.
        links: pages about all runs by what they are called, such as ``{"Comparison": "comparison/comparison.html"}``,
            relative to the page.

    Returns:
        HTML in one file.

    Raises:
        ValueError: if there is no run.
    """
    if not entries:
        raise ValueError("An index needs at least one run.")
    balls: dict[tuple[str, float], None] = {}
    for entry in entries:
        balls |= dict.fromkeys((ball["norm"], ball["epsilon"]) for ball in entry.metrics["robust_accuracy"])
    rows = []
    for entry in entries:
        found = verdict_of(entry.metrics)
        worst = {(ball["norm"], ball["epsilon"]): ball for ball in entry.metrics["robust_accuracy"]}
        rows.append(
            [
                Cell(entry.name, link=entry.report),
                share(entry.metrics["clean"]["images"]["accuracy"]),
                *(share(worst.get(ball)) for ball in balls),
                Cell(found.title, level=found.level),
            ]
        )
    header = ["Model", "Clean", *(f"Worst case, {format_radius(*ball)}" for ball in balls), "Verdict"]
    files = [
        [entry.name, name, Cell(Path(target).name, link=target)]
        for entry in entries
        for name, target in {"report": entry.report, **entry.links}.items()
    ]
    data = entries[0].metrics["data"]
    sections = [
        Section("models", "Models", ["Accuracy in % on the test images, with 95 % intervals."], [Table(header, rows)])
    ]
    if links:
        pages = Table(["About all models"], [[Cell(name, link=target)] for name, target in links.items()])
        sections.append(Section("together", "Side by side", tables=[pages]))
    sections.append(Section("files", "Files", tables=[Table(["Model", "What", "File"], files, 3)]))
    return render_page(
        title,
        subtitle=f"On {data['name']}: {images_and_groups(entries[0].metrics)}. Not for clinical use.",
        lead=index_sentence(entries),
        sections=sections,
    )


def index_sentence(entries: Sequence[IndexEntry]) -> str:
    """Clean and worst-case accuracy of each run in one sentence.

    Args:
        entries: the runs.
    """
    parts = []
    for entry in entries:
        text = f"{entry.name} recognizes {_of_100(entry.metrics['clean']['images']['accuracy'])} of 100 images"
        balls = entry.metrics["robust_accuracy"]
        if balls:
            ball = balls[0]
            text += f", {_of_100(ball)} in the worst case within {format_radius(ball['norm'], ball['epsilon'])}"
        parts.append(text)
    return f"{'; '.join(parts)}."


def write_index(
    path: str | Path,
    runs: Sequence[str | Path],
    *,
    title: str = "Robust classification",
    links: Mapping[str, str | Path] | None = None,
) -> Path:
    """Write an index page of evaluated runs.

    Args:
        path: the HTML file.
        runs: folders of runs, or of the evaluations in them.
        title: the page's heading.
        links: pages about all runs by what they are called; those that are not there are left out.

    Returns:
        The path.

    Raises:
        FileNotFoundError: if a run was not evaluated.
        ValueError: if an evaluation cannot be read.
        OSError: if the page cannot be written.
    """
    path = Path(path)
    entries = []
    for folder, name in zip(runs, short_names(runs), strict=True):
        place = evaluation_folder(folder)
        beside = {
            word: _relative(place.parent / file, path)
            for word, file in BESIDE_WEIGHTS.items()
            if (place.parent / file).is_file()
        }
        entries.append(IndexEntry(name, read_metrics(place), _relative(place / "report.html", path), beside))
    found = {name: _relative(target, path) for name, target in (links or {}).items() if Path(target).is_file()}
    write_atomically(path, render_index(entries, title=title, links=found).encode())
    return path


def _relative(target: str | Path, page: Path) -> str:
    return Path(os.path.relpath(target, page.parent)).as_posix()


def _of_100(interval: Mapping[str, float]) -> str:
    return f"{100 * interval['value']:.0f}"
