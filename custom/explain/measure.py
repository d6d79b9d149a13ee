"""All measures of one explained image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from custom.explain.faithfulness import area_under_curve, faithfulness_curves
from custom.explain.localisation import centred_blob, energy_inside, iou_curve, pointing_game
from custom.explain.stability import rank_correlation


def localisation_measures(saliency: NDArray[np.floating], mask: NDArray[np.bool_]) -> dict[str, Any]:
    """Compute the measures of one map against the mask of the lesion.

    Args:
        saliency: map with values of at least 0.
        mask: where the lesion is, same shape.

    Returns:
        ``pointing_game``, ``energy_inside`` and ``iou``, the last a value for each threshold.

    """
    return {
        "pointing_game": pointing_game(saliency, mask),
        "energy_inside": energy_inside(saliency, mask),
        "iou": iou_curve(saliency, mask).tolist(),
    }


def measure_explanation(
    network: nn.Module,
    image: Tensor,
    label: int,
    saliency: Tensor,
    attacked: Tensor | None = None,
    mask: Tensor | None = None,
    faithfulness_steps: int = 20,
) -> dict[str, Any]:
    """Compute everything that can be measured of one image's explanation.

    Args:
        network: maps images to logits.
        image: the clean image, shape (C, *spatial).
        label: the class that was explained.
        saliency: map of the clean image, shape (*spatial).
        attacked: map of the attacked image, same shape.
        mask: the lesion's mask, same shape; what is greater than 0 is lesion.
        faithfulness_steps: portions of the deletion and insertion curves, 0 for none.

    Returns:
        Measures by name. Those against the mask are there for the clean map, with ``_attacked`` for the
        attacked one and with ``_blob`` for the centred disc that both have to beat. Numbers are measures,
        lists are curves.

    """
    measures: dict[str, Any] = {}
    clean_map = saliency.cpu().numpy()
    maps = {"": clean_map}
    if attacked is not None:
        maps["_attacked"] = attacked.cpu().numpy()
        measures["rank_correlation"] = rank_correlation(clean_map, maps["_attacked"])
    if mask is not None:
        lesion = mask.cpu().numpy() > 0
        maps["_blob"] = centred_blob(lesion)
        for suffix, values in maps.items():
            found = localisation_measures(values, lesion)
            measures |= {f"{name}{suffix}": value for name, value in found.items()}
    if faithfulness_steps:
        curves = faithfulness_curves(network, image, torch.as_tensor(saliency), label, faithfulness_steps)
        for name, curve in curves._asdict().items():
            measures[name] = area_under_curve(curve)
            measures[f"{name}_curve"] = curve.tolist()
    return measures


def without_nan(value: Any) -> Any:
    """Replace NaN, which JSON does not know, by ``None``, in nested dictionaries and sequences.

    Example::

        >>> without_nan({"energy_inside": float("nan")})
        {'energy_inside': None}

    """
    if isinstance(value, dict):
        return {key: without_nan(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [without_nan(item) for item in value]
    return None if isinstance(value, float) and np.isnan(value) else value
