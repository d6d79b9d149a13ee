"""How many images an evaluation has, and what they show, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from custom.counts import counted, plural


def unit_plural(metrics: Mapping[str, Any]) -> str:
    """What the bootstrap draws: ``"lesions"``, ``"patients"``, or ``"images"`` if each is a group of its own.

    Args:
        metrics: the content of ``metrics.json``.
    """
    return plural(str(metrics["bootstrap"]["unit"]))


def images_and_groups(metrics: Mapping[str, Any], kind: str = "image") -> str:
    """Both numbers: ``"450 images of 375 lesions"``; that of images alone if each is a group of its own.

    Args:
        metrics: the content of ``metrics.json``.
        kind: what to call an image.
    """
    found = counted(metrics["data"]["images"], kind)
    groups = groups_of(metrics)
    return f"{found} of {groups}" if groups else found


def groups_of(metrics: Mapping[str, Any]) -> str:
    """How many groups the images are of: ``"375 lesions"``; empty if each image is a group of its own.

    Args:
        metrics: the content of ``metrics.json``.
    """
    unit = str(metrics["bootstrap"]["unit"])
    return "" if unit == "image" else counted(metrics["data"]["lesions"], unit)
