"""Whether confidences come true, and all further metrics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from custom.counts import counted
from custom.report.figures import reliability_figure
from custom.report.page import Panel, Section, Table
from custom.report.sections.cells import attack, measure, number, radius, share, title
from custom.report.sections.recall import strongest_records

METRIC_NAMES = {
    "accuracy": "Accuracy",
    "average_precision": "Mean average precision",
    "precision": "Precision",
    "recall": "Balanced accuracy",
    "f1": "F1",
    "roc_auc": "ROC AUC",
    "calibration_error": "Calibration error",
    "brier_score": "Brier score",
    "negative_log_likelihood": "Negative log-likelihood",
}
"""How each metric is called in tables; means over classes are macro means."""

IN_PERCENT = frozenset(METRIC_NAMES) - {"brier_score", "negative_log_likelihood"}
"""Metrics that are shares and shown in %."""


def metric_cell(name: str, interval: Mapping[str, float | None] | None) -> Any:
    """A metric in the unit that it is shown in."""
    return share(interval) if name in IN_PERCENT or name.startswith("recall_") else measure(interval)


def metrics_section(metrics: Mapping[str, Any]) -> Section:
    """All metrics but accuracy, clean and under each attack that has outputs for every image."""
    keys = [key for key in METRIC_NAMES if key != "accuracy"]
    records = [metrics["clean"], *(r for r in metrics["attacks"].values() if r["outputs"] == "every image")]
    rows = [
        [attack(record), radius(record), *(metric_cell(key, record["images"].get(key)) for key in keys)]
        for record in records
    ]
    header = ["Images", "Within", *(METRIC_NAMES[key] for key in keys)]
    texts = [
        "Means over the classes, each against the rest, in %; Brier score and negative log-likelihood (in nats) as "
        "they are. Of these two and of the calibration error less is better."
    ]
    left_out = [record["attack"] for record in metrics["attacks"].values() if record["outputs"] != "every image"]
    if left_out:
        texts.append(
            f"Not for {', '.join(left_out)}: these return images that they could not fool as they were, so that only "
            "accuracy and recall mean something."
        )
    return Section("metrics", "Further metrics", texts, [Table(header, rows, 2)])


def calibration_section(metrics: Mapping[str, Any]) -> Section | None:
    """Reliability diagrams, and temperature scaling if it was fitted."""
    records = [metrics["clean"], *strongest_records(metrics, every_image=True)]
    panels = [
        Panel(f"reliability_{index}", reliability_figure(record["reliability"], _reliability_title(record)))
        for index, record in enumerate(records)
        if record["reliability"]
    ]
    texts = [
        "How often predictions of each confidence are correct: on the diagonal, as often as the confidence says. The "
        "calibration error is the root mean square distance from it, without the part that chance adds in small bins."
    ]
    tables = []
    temperature = metrics.get("temperature")
    if temperature:
        before, after = temperature["clean"]["before"], temperature["clean"]["after"]
        rows = [
            [METRIC_NAMES[key], *(number(_value(values[key])) for values in (before, after))]
            for key in ("negative_log_likelihood", "brier_score", "calibration_error")
        ]
        tables.append(Table(["Clean images", "As trained", "Scaled"], rows, 1, title="Temperature scaling"))
        texts.append(
            f"Temperature scaling divides all logits by {temperature['value']:.3f}, fitted on "
            f"{counted(temperature['images'], 'image')} of the {temperature['fitted_on']} split. It changes "
            "confidences and no answer."
        )
    return Section("calibration", "Calibration", texts, tables, panels, figures_first=True) if panels else None


def _reliability_title(record: Mapping[str, Any]) -> str:
    error = record["images"]["calibration_error"]["value"]
    return title(record) if error is None else f"{title(record)}\ncalibration error {100 * error:.1f} %"


def _value(metric: Any) -> float | None:
    return metric["value"] if isinstance(metric, Mapping) else metric
