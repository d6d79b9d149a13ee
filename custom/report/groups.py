"""How many images an evaluation has, and what they show, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def unit_plural(metrics: Mapping[str, Any]) -> str:
    """What the bootstrap draws: ``"lesions"``, ``"patients"``, or ``"images"`` if each is a group of its own.

    Args:
        metrics: the content of ``metrics.json``.
    """
    unit = str(metrics["bootstrap"]["unit"])
    return f"{unit[:-1]}ies" if unit.endswith("y") else f"{unit}s"


def images_and_groups(metrics: Mapping[str, Any], kind: str = "images") -> str:
    """Both numbers: ``"450 images of 375 lesions"``; that of images alone if each is a group of its own.

    Args:
        metrics: the content of ``metrics.json``.
        kind: what to call the images.
    """
    data = metrics["data"]
    found = f"{data['images']} {kind}"
    return found if unit_plural(metrics) == "images" else f"{found} of {data['lesions']} {unit_plural(metrics)}"
