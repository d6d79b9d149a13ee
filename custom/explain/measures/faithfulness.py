"""Does the network use what the map shows? Deletion and insertion curves, which need no mask."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from monai.networks.layers import GaussianFilter
from numpy.typing import NDArray
from torch import Tensor, nn

from custom.attacks.network_state import frozen

BLUR = 0.1
"""Standard deviation of the blur that hides what is deleted, as a share of the image's shortest side."""


class FaithfulnessCurves(NamedTuple):
    """The class probability while places are deleted or inserted, the most important first.

    Attributes:
        deletion: with 0, 1/steps, 2/steps, ... of the places deleted, shape (steps + 1,). A faithful map makes it
            fall early: the smaller the area below it, the better.
        insertion: with as many of them inserted into the blurred image: the larger, the better.
    """

    deletion: NDArray[np.float64]
    insertion: NDArray[np.float64]


def faithfulness_curves(
    network: nn.Module, image: Tensor, saliency: Tensor, label: int, steps: int = 20
) -> FaithfulnessCurves:
    """Compute both curves of one image (Petsiuk et al., RISE, 2018).

    Deleted places show the image blurred by a Gaussian instead of gray, because gray areas have edges of their own,
    to which a network reacts.

    Args:
        network: maps images in [0, 1] to logits.
        image: shape (C, *spatial).
        saliency: importance of each place, shape (*spatial). Equal places go in their order in memory.
        label: the class whose probability is followed.
        steps: number of portions, into which all places are divided evenly.

    Returns:
        The curves.

    Raises:
        ValueError: if there is no step.

    """
    if steps < 1:
        raise ValueError(f"The curves have {steps} steps; they need 1 or more.")
    blurred = GaussianFilter(image.dim() - 1, BLUR * min(image.shape[1:])).to(image)(image[None])[0]
    order = saliency.flatten().argsort(descending=True, stable=True)
    # rank[i]: how many places are more important than place i.
    rank = torch.empty_like(order).scatter_(0, order, torch.arange(len(order), device=order.device))
    counts = torch.arange(steps + 1, device=order.device) * len(order) / steps
    chosen = (rank < counts[:, None]).view(-1, 1, *image.shape[1:])
    with frozen(network) as inner, torch.no_grad():
        deletion, insertion = (
            torch.softmax(inner(stages).double(), dim=1)[:, label].cpu().numpy()
            for stages in (torch.where(chosen, blurred, image), torch.where(chosen, image, blurred))
        )
    return FaithfulnessCurves(deletion, insertion)


def area_under_curve(curve: NDArray[np.float64]) -> float:
    """Integrate a curve over the share of places, from 0 to 1, by the trapezoid rule.

    Args:
        curve: evenly spaced values.

    Returns:
        The area; the mean height of the curve.

    Example::

        >>> import numpy as np
        >>> area_under_curve(np.array([1.0, 0.5, 0.0]))
        0.5

    """
    return float(np.trapezoid(curve) / (len(curve) - 1))
