"""From the numbers of an evaluation to what a verdict follows from."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod, sqrt
from typing import Any

from custom.report.class_names import spelled_out
from custom.report.groups import groups_of
from custom.report.threat_model import format_radius
from custom.report.verdict import Ball, Check, Evidence, Verdict, verdict

INVISIBLE = 3 / 255
"""Mean change of a pixel value, in images in [0, 1], up to which an eye does not notice a perturbation."""


def verdict_of(metrics: Mapping[str, Any]) -> Verdict:
    """The verdict on an evaluation.

    Args:
        metrics: the content of ``metrics.json``.
    """
    return verdict(evidence_of(metrics))


def evidence_of(metrics: Mapping[str, Any]) -> Evidence:
    """Collect what a verdict follows from.

    Args:
        metrics: the content of ``metrics.json``.
    """
    classes, data = metrics["classes"], metrics["data"]
    clean = metrics["clean"]["images"]
    return Evidence(
        images=data["images"],
        groups=groups_of(metrics),
        class_names=class_titles(metrics),
        accuracy=clean["accuracy"],
        recalls={name: clean[f"recall_{name}"]["value"] for name in classes},
        shares={name: data["images_per_class"][name] / data["images"] for name in classes},
        balls=[
            Ball(
                radius=format_radius(ball["norm"], ball["epsilon"]),
                accuracy={key: ball[key] for key in ("value", "low", "high")},
                recalls={name: ball["recall"][name]["value"] for name in classes},
                invisible=mean_change(ball["norm"], ball["epsilon"], data["image_shape"]) <= INVISIBLE,
                attacks=ball["attacks"],
            )
            for ball in metrics["robust_accuracy"]
        ],
        checks=[Check(check["name"], check["passed"], check["detail"]) for check in metrics["checks"]],
    )


def class_titles(metrics: Mapping[str, Any]) -> dict[str, str]:
    """What each class is called for readers: ``"melanoma (MEL)"``.

    Args:
        metrics: the content of ``metrics.json``.
    """
    return spelled_out(metrics["classes"], metrics.get("class_descriptions"))


def mean_change(norm: str, epsilon: float, image_shape: list[int]) -> float:
    """Root mean square change of a pixel value at the border of a ball.

    Args:
        norm: ``"l2"`` or ``"linf"``.
        epsilon: the radius.
        image_shape: channels and spatial size.

    Example::

        >>> mean_change("l2", 0.3, [1, 10, 10])
        0.03

    """
    return epsilon / sqrt(prod(image_shape)) if norm == "l2" else epsilon
