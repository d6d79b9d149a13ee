"""All measures of one explained image."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from custom.explain.measures.faithfulness import area_under_curve, faithfulness_curves
from custom.explain.measures.localization import centered_disc, energy_inside, iou_curve, pointing_game
from custom.explain.measures.stability import rank_correlation


def localization_measures(saliency: NDArray[np.floating], mask: NDArray[np.bool_]) -> dict[str, Any]:
    """Compute the measures of one map against the mask of the lesion.

    Args:
        saliency: map with values of at least 0.
        mask: True in the lesion, same shape.

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
    """Compute all measures of one image's explanation.

    Args:
        network: maps images to logits.
        image: the clean image, shape (C, *spatial).
        label: the class that was explained.
        saliency: map of the clean image, shape (*spatial).
        attacked: map of the attacked image, same shape.
        mask: the lesion's mask, same shape, greater than 0 in the lesion.
        faithfulness_steps: portions of the deletion and insertion curves, 0 for none.

    Returns:
        Measures by name, see :data:`custom.explain.measures.MEASURES`: of the clean map, with ``_attacked`` of the
        attacked one, and with ``_blob`` of the centered disc that both have to beat. ``vanished`` is 1 for a map that
        is 0 throughout; the other measures of such a map are NaN. Numbers are measures, lists are curves.

    """
    clean_map = saliency.cpu().numpy()
    maps = {"": clean_map}
    if attacked is not None:
        maps["_attacked"] = attacked.cpu().numpy()
    measures: dict[str, Any] = {f"vanished{suffix}": float(not values.any()) for suffix, values in maps.items()}
    if attacked is not None:
        measures["rank_correlation"] = rank_correlation(clean_map, maps["_attacked"])
    if mask is not None:
        lesion = mask.cpu().numpy() > 0
        maps["_blob"] = centered_disc(lesion)
        for suffix, values in maps.items():
            found = localization_measures(values, lesion)
            measures |= {f"{name}{suffix}": value for name, value in found.items()}
    if faithfulness_steps:
        curves = faithfulness_curves(network, image, torch.as_tensor(saliency), label, faithfulness_steps)
        for name, curve in curves._asdict().items():
            # All places of a vanished map are equal, and the order of their deletion would mean nothing.
            measures[name] = math.nan if measures["vanished"] else area_under_curve(curve)
            measures[f"{name}_curve"] = curve.tolist()
    return measures
