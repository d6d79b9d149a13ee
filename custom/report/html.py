"""Reports as single files that need nothing else to be opened."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from custom.report.measure_names import MEASURE_NAMES
from custom.report.threat_model import format_radius, strongest_attacks
from custom.report.verdict import verdict

METRIC_NAMES = {
    "accuracy": "Accuracy",
    "average_precision": "Mean average precision",
    "precision": "Precision",
    "recall": "Recall",
    "f1": "F1",
    "roc_auc": "ROC AUC",
    "calibration_error": "Calibration error",
}
"""How each metric is called in tables; means over classes are macro means."""


def _percent(value: float) -> str:
    return f"{100 * value:.1f}"


def templates_in(folder: Path, **options: Any) -> Environment:
    """Templates in which whatever is missing is an error, and tags leave no blank lines.

    Args:
        folder: where they are.
        **options: further options of Jinja's environment.
    """
    return Environment(
        loader=FileSystemLoader(folder), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, **options
    )


def render_page(template: str, **content: Any) -> str:
    """Fill one of the templates beside this file.

    Args:
        template: its file name.
        **content: what it shows; anything that it needs and is not given is an error.
    """
    environment = templates_in(Path(__file__).parent / "templates", autoescape=True)
    environment.filters["percent"] = _percent
    return environment.get_template(template).render(**content)


def render_report(summary: Mapping[str, Any], pictures: Mapping[str, bytes]) -> str:
    """Write an evaluation's report.

    Args:
        summary: the content of ``metrics.json``.
        pictures: PNG files' contents by name: ``confusion``, ``curve``, ``reliability``, ``examples`` and
            ``explanations``.

    Returns:
        HTML with style and pictures inside.
    """
    main_rows = {"clean": summary["clean"], **summary["attacks"]}
    rows = [*main_rows.values(), *summary["radii"]]
    return render_page(
        "report.html",
        summary=summary,
        verdict=verdict(summary),
        rows=rows,
        main_rows=main_rows,
        radius=format_radius,
        balls=list(strongest_attacks(summary["attacks"])),
        metric_names=METRIC_NAMES,
        explanations=summary.get("explanations"),
        measure_names=MEASURE_NAMES,
        pictures={name: base64.b64encode(content).decode() for name, content in pictures.items()},
    )
