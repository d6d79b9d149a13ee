"""The report of an evaluation, from the folder that the evaluation wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from custom.files import write_atomically
from custom.metrics import CLEAN_KEY, Predictions, evaluation_folder, read_metrics, read_predictions
from custom.report.accuracy_curve import accuracy_curve
from custom.report.confusion import confusion_matrices
from custom.report.example_sheet import Examples, example_sheet
from custom.report.html import render_report
from custom.report.reliability import reliability_diagrams
from custom.report.style import figure_png
from custom.report.threat_model import strongest_attacks
from custom.report.verdict import verdict


def write_report(folder: str | Path) -> Path:
    """Render the report of a finished evaluation into its folder, without running anything.

    Args:
        folder: of the evaluation, or of a run that holds it in ``evaluation``.

    Returns:
        The path of ``report.html``.
    """
    place = evaluation_folder(folder)
    metrics = read_metrics(place)
    figures = _figures(place, metrics)
    for name, content in figures.items():
        write_atomically(place / "figures" / f"{name}.png", content)
    write_atomically(place / "report.html", render_report(metrics, figures).encode())
    return place / "report.html"


def print_verdict(folder: str | Path) -> None:
    """Print what an evaluation says, in a few lines.

    Args:
        folder: as for `write_report`.
    """
    place = evaluation_folder(folder)
    print(*verdict(read_metrics(place)).sentences, f"Report: {place / 'report.html'}", sep="\n", flush=True)


def _figures(place: Path, metrics: dict[str, Any]) -> dict[str, bytes]:
    predictions = read_predictions(place)
    by_name = {key.attack: found for key, found in predictions.items() if key.epsilon == _epsilon(metrics, key.attack)}
    strongest = strongest_attacks(metrics["attacks"])
    panels: dict[str, Predictions] = {"clean": predictions[CLEAN_KEY]}
    panels |= {f"{name} ({ball})": by_name[name] for ball, name in strongest.items()}
    figures = {
        "confusion": confusion_matrices(panels, metrics["classes"]),
        "reliability": reliability_diagrams(panels),
    }
    if metrics["attacks"]:
        figures["curve"] = accuracy_curve(metrics)
    if metrics["examples"]:
        with np.load(place / metrics["examples"]["file"]) as file:
            figures["examples"] = example_sheet(Examples(**dict(file)), metrics["classes"])
    content = {name: figure_png(figure) for name, figure in figures.items()}
    explanations = place / "data" / "explanations.png"
    return content | ({"explanations": explanations.read_bytes()} if explanations.is_file() else {})


def _epsilon(metrics: dict[str, Any], attack: str) -> float | None:
    return metrics["attacks"][attack]["epsilon"] if attack in metrics["attacks"] else None
