"""What the classifier looks at."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from custom.counts import counted
from custom.metrics.explanation_measures import MEASURE_NAMES
from custom.report.explanations import describe
from custom.report.page import Panel, Section, Table
from custom.report.sections.cells import measure


def explanation_section(metrics: Mapping[str, Any], folder: Path) -> Section | None:
    """Measures and maps of explanations; ``None`` if none were made.

    Args:
        metrics: the content of ``metrics.json``.
        folder: of the evaluation.
    """
    explanations = metrics.get("explanations")
    if not explanations:
        return None
    rows = [
        [title, str(found["images"]), measure(found if found["images"] > 1 else {"value": found["value"]})]
        for name, title in MEASURE_NAMES.items()
        if (found := explanations["measures"].get(name))
    ]
    kind = "correctly recognized image" if explanations.get("correct_only") else "image"
    texts = [
        describe(explanations),
        f"Means over {counted(explanations['images'], kind)}, {explanations['masked']} of them with a lesion mask: "
        "from 0 to 1, of the rank correlation from -1.",
        *explanations["notes"],
    ]
    grid = folder / "data" / "explanations.png"
    caption = (
        "Of each class an image, its lesion outlined if a mask is known, and what its class was recognized by, clean "
        "and attacked: red matters most."
    )
    panels = [Panel("explanations", grid.read_bytes(), caption, wide=True)] if grid.is_file() else []
    table = Table(["Measure", "Images", "Mean"], rows, 1)
    return Section("explanations", "Explanations", texts, [table], panels)
