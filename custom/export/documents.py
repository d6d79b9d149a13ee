"""The texts of a bundle: its README, with tables of what was measured, and the licence of its data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from custom.export.configs import other_network
from custom.handlers.model_card import CAVEATS
from custom.markdown import escape_markdown
from custom.report.html import METRIC_NAMES, templates_in
from custom.report.threat_model import format_radius
from custom.report.verdict import percent, verdict
from custom.runs import Run


def bundle_readme(run: Run, metadata: Mapping[str, Any], name: str, configs: list[str]) -> str:
    """Write ``docs/README.md``, under the headings of the Model Zoo.

    Args:
        run: the training, with its evaluation if there is one.
        metadata: the bundle's metadata.
        name: the bundle's name.
        configs: file names of its configs.

    Returns:
        The text, in Markdown.
    """
    environment = templates_in(Path(__file__).parent / "templates", keep_trailing_newline=True)
    evaluation = run.evaluation
    return environment.get_template("README.md").render(
        name=name,
        metadata=metadata,
        classes=[escape_markdown(name) for name in run.class_names],
        labels={str(index): name for index, name in enumerate(run.class_names)},
        backbone=run.backbone,
        other_network=other_network(run),
        size=run.image_size,
        method=run.value("method"),
        radius=format_radius(run.attack["norm"], run.attack["epsilon"]),
        settings=_training_settings(run),
        data=run.datalist,
        counts=_counts(run),
        evaluation=evaluation,
        verdict=verdict(evaluation) if evaluation else None,
        rows=_performance(evaluation) if evaluation else [],
        metric_names=[METRIC_NAMES[key] for key in _METRICS],
        caveats=CAVEATS.partition("\n- The accuracies")[0],
        configs=configs,
    )


def data_license(run: Run) -> str:
    """Write ``docs/data_license.txt``: what is known of the licence of the training data.

    Args:
        run: the training.
    """
    facts = run.datalist or {}
    lines = [
        f"{label}: {facts.get(key, 'not stated by its datalist.json')}"
        for label, key in (("Data set", "name"), ("Reference", "reference"), ("Licence", "licence"))
    ]
    return "\n".join(
        [
            "The images that this network was trained on are not part of the bundle. They have a licence of their own:",
            "",
            *lines,
            "",
        ]
    )


_METRICS = ("accuracy", "average_precision", "precision", "recall", "f1")


def _performance(evaluation: Mapping[str, Any]) -> list[list[str]]:
    """A row for clean images and each attack: its name, its ball, and the metrics with their intervals."""
    rows = []
    for name, result in {"clean": evaluation["clean"], **evaluation["attacks"]}.items():
        parameters = result.get("parameters")
        ball = format_radius(parameters["norm"], parameters["epsilon"]) if parameters else "none"
        rows.append([name, ball, *(percent(result["images"][metric]) for metric in _METRICS)])
    return rows


def _counts(run: Run) -> dict[str, list[int]]:
    """Images of each class, by split."""
    content = run.datalist or {}
    # By name: labels may have been numbered otherwise since the training.
    names = content.get("labels", {})
    counted = {split: Counter(names[str(item["label"])] for item in content.get(split, [])) for split in _SPLITS}
    return {split: [counts[name] for name in run.class_names] for split, counts in counted.items()}


_SPLITS = ("training", "validation", "test")


def _training_settings(run: Run) -> dict[str, Any]:
    """The settings that a reader wants to know first."""
    keys = ("method", "warm_up_epochs", "fine_tuning_epochs", "learning_rate", "batch_size", "seed")
    return {key.replace("_", " "): run.value(key) for key in keys} | {
        f"attack {key.replace('_', ' ')}": value for key, value in run.attack.items()
    }
