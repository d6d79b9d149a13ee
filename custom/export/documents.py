"""The texts of a bundle: its README, with tables of what was measured, and the license of its data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from custom.export.configs import other_network
from custom.handlers.model_card import CAVEATS
from custom.markdown import escape_markdown, markdown_table
from custom.metrics.results import SCHEMA
from custom.report import format_radius, percent, verdict_of
from custom.report.groups import images_and_groups, unit_plural
from custom.report.page import templates_in
from custom.report.sections.confidence import METRIC_NAMES
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
    if evaluation is not None and evaluation.get("schema") != SCHEMA:
        evaluation = None  # of an earlier version, with other figures under the same names
    return environment.get_template("README.md").render(
        name=name,
        metadata=metadata,
        classes=[escape_markdown(name) for name in run.class_names],
        labels={str(index): name for index, name in enumerate(run.class_names)},
        backbone=run.backbone,
        other_network=other_network(run),
        size="x".join(map(str, run.image_shape[1:])),
        spacing=run.spacing,
        method=run.value("method"),
        radius=format_radius(run.attack["norm"], run.attack["epsilon"]),
        settings=_training_settings(run),
        data=run.datalist,
        counts=_counts_table(run),
        evaluation=evaluation,
        drawn=unit_plural(evaluation) if evaluation else "",
        tested=images_and_groups(evaluation, "test image") if evaluation else "",
        verdict=verdict_of(evaluation) if evaluation else None,
        performance=_performance(evaluation) if evaluation else "",
        caveats=CAVEATS.partition("\n- The accuracies")[0],
        configs=configs,
    )


def data_license(run: Run) -> str:
    """Write ``docs/data_license.txt``: what is known of the license of the training data.

    Args:
        run: the training.
    """
    facts = run.datalist or {}
    lines = [
        f"{label}: {facts.get(key, 'not stated by its datalist.json')}"
        for label, key in (("Data set", "name"), ("Reference", "reference"), ("License", "licence"))
    ]
    return "\n".join(
        [
            "The images that this network was trained on are not part of the bundle. They have a license of their own:",
            "",
            *lines,
            "",
        ]
    )


_METRICS = ("accuracy", "average_precision", "precision", "recall", "f1")


def _performance(evaluation: Mapping[str, Any]) -> str:
    """A table with a row for clean images, each worst case and each attack: its ball, and metrics with intervals."""
    rows = [["clean", "none", *_shares(evaluation["clean"])]]
    for ball in evaluation["robust_accuracy"]:
        empty = [""] * (len(_METRICS) - 1)
        rows.append(["worst case", format_radius(ball["norm"], ball["epsilon"]), percent(ball), *empty])
    for name, record in evaluation["attacks"].items():
        rows.append([name, format_radius(record["norm"], record["epsilon"]), *_shares(record)])
    return markdown_table(["attack", "radius", *(METRIC_NAMES[key] for key in _METRICS)], rows)


def _shares(record: Mapping[str, Any]) -> list[str]:
    found = record["images"]
    return [percent(found[metric]) if metric in found else "" for metric in _METRICS]


def _counts_table(run: Run) -> str:
    """Images of each class, by split, as a table."""
    content = run.datalist or {}
    # By name: labels may have been numbered otherwise since the training.
    names = content.get("labels", {})
    counted = {split: Counter(names[str(item["label"])] for item in content.get(split, [])) for split in _SPLITS}
    return markdown_table(
        ["split", *map(escape_markdown, run.class_names)],
        [[split, *(counts[name] for name in run.class_names)] for split, counts in counted.items()],
        align="l" + "r" * len(run.class_names),
    )


_SPLITS = ("training", "validation", "test")


def _training_settings(run: Run) -> dict[str, Any]:
    """The settings that a reader wants to know first."""
    keys = ("method", "warm_up_epochs", "fine_tuning_epochs", "learning_rate", "batch_size", "seed")
    return {key.replace("_", " "): run.value(key) for key in keys} | {
        f"attack {key.replace('_', ' ')}": value for key, value in run.attack.items()
    }
