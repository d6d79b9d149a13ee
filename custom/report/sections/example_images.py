"""Images before and after an attack."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from custom.report.evidence import class_titles
from custom.report.figures import amplification, example_figure
from custom.report.page import Panel, Section
from custom.report.sections.cells import radius


def example_section(metrics: Mapping[str, Any], folder: Path) -> Section | None:
    """A few images with their perturbations and both predictions; ``None`` if none were kept.

    Args:
        metrics: the content of ``metrics.json``.
        folder: of the evaluation.
    """
    examples = metrics.get("examples")
    if not examples or not (folder / examples["file"]).is_file():
        return None
    with np.load(folder / examples["file"], allow_pickle=False) as file:
        images, images_adv = file["images"], file["images_adv"]
        names, labels = file["image_ids"].tolist(), file["labels"].tolist()
        clean, attacked = file["clean"], file["attacked"]
    factor, titles = amplification(images_adv - images), class_titles(metrics)
    panels = [
        Panel(
            f"example_{index}",
            example_figure(
                images[index], images_adv[index], factor, label, clean[index], attacked[index], metrics["classes"]
            ),
            f"{names[index]}: {titles[metrics['classes'][label]]}",
        )
        for index, label in enumerate(labels)
    ]
    text = (
        f"Images before and after {examples['attack']} within {radius(examples)}: green titles are right "
        f"answers, orange ones wrong. The change in the middle is amplified {factor:g} times, around gray."
    )
    return Section("examples", "Examples", [text], panels=panels)
