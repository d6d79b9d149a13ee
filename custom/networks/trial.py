"""Trying a classifier on a few images that are no data, before anything is read or computed with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

TRIAL_ERRORS = (RuntimeError, ValueError, TypeError, AssertionError, IndexError, NotImplementedError)
"""What networks and programs raise if images do not fit them."""


def trial_images(image_shape: Sequence[int]) -> Tensor:
    """Make a gray image, noise, and noise far outside of [0, 1].

    Logits grow with the last, so that outputs which stay in [0, 1] there were squashed on purpose.

    Args:
        image_shape: channels and spatial size.

    Returns:
        Shape (6, C, *spatial); always the same.
    """
    noise = torch.rand(5, *image_shape, generator=torch.Generator().manual_seed(0))
    contrast = torch.tensor([1.0, 1.0, 1e4, 1e5, 1e6]).view(-1, *[1] * len(image_shape))
    return torch.cat([torch.full((1, *image_shape), 0.5), 0.5 + (noise - 0.5) * contrast])


def try_on_images(network: Callable[[Tensor], Tensor], images: Tensor, source: str) -> Tensor:
    """Compute the outputs for some images, or say why that is not possible.

    Args:
        network: what to call.
        images: shape (B, C, *spatial).
        source: what to call the network in an error.

    Returns:
        The outputs.

    Raises:
        ValueError: if the network does not take the images, or returns no tensor; in one sentence.
    """
    size = " x ".join(map(str, images.shape[1:]))
    try:
        with torch.no_grad():
            outputs = network(images)
    except TRIAL_ERRORS as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".!")
        raise ValueError(f"{source} does not take images of {size} (channels, then size): {reason}.") from error
    if not isinstance(outputs, Tensor):
        raise ValueError(f"{source} returns a {type(outputs).__name__} instead of logits, a tensor.")
    return outputs


def check_network(
    network: nn.Module, image_shape: Sequence[int], num_classes: int, source: str = "The network"
) -> nn.Module:
    """Check that a network maps images of a size to finite logits, one for each class.

    Args:
        network: any network; its mode, and its statistics of BatchNorm, are left as they are.
        image_shape: channels and spatial size of its images.
        num_classes: number of its logits.
        source: what to call the network in an error.

    Returns:
        The network.

    Raises:
        ValueError: if it does not take such images, if its outputs have another shape or are not finite, or if they
            are probabilities; in one sentence.

    Example::

        >>> from torch import nn
        >>> from custom.networks import check_network
        >>> check_network(nn.Sequential(nn.Flatten(), nn.Linear(12, 3)), (3, 2, 2), 4)
        Traceback (most recent call last):
        ValueError: The network returns outputs of shape (6, 3) for 6 images; for 4 classes it should be (6, 4).

    """
    device = next((parameter.device for parameter in network.parameters()), torch.device("cpu"))
    modes = [(module, module.training) for module in network.modules()]
    try:
        outputs = try_on_images(network.eval(), trial_images(image_shape).to(device), source)
    finally:
        for module, mode in modes:
            module.training = mode
    check_outputs(outputs, num_classes, source)
    refuse_probabilities(outputs, source)
    return network


def check_outputs(outputs: Tensor, num_classes: int, source: str) -> None:
    """Check shape and values of what a network returned for :func:`trial_images`; see :func:`check_network`."""
    images = len(outputs) if outputs.ndim else 0
    if outputs.shape != (images, num_classes):
        raise ValueError(
            f"{source} returns outputs of shape {tuple(outputs.shape)} for {images} images; for {num_classes} classes "
            f"it should be ({images}, {num_classes})."
        )
    # The others are far outside of [0, 1], where large numbers are no fault.
    if not bool(outputs[:3].isfinite().all()):
        raise ValueError(f"{source} returns NaN or infinity for plain images: its weights are damaged or diverged.")


def refuse_probabilities(outputs: Tensor, source: str) -> None:
    """Raise if what a network returned for :func:`trial_images` are probabilities; see :func:`check_network`."""
    if are_probabilities(outputs):
        raise ValueError(
            f"{source} returns probabilities instead of logits, on which attacks are weak; leave out its last softmax "
            "or sigmoid, or have their logarithms attacked, if it is to be evaluated (--probabilities)."
        )


def are_probabilities(outputs: Tensor) -> bool:
    """Tell whether outputs for :func:`trial_images` come from a softmax or a sigmoid.

    Args:
        outputs: shape (6, classes).
    """
    outputs = outputs.float()
    if not bool(((outputs >= 0) & (outputs <= 1)).all()) or not bool(outputs.any()):
        return False
    sums_to_one = bool((outputs.sum(1) - 1).abs().max() < 1e-3)
    # A sigmoid is at its limits for images far outside of [0, 1]; logits that happen to be in [0, 1] are not.
    at_limits = bool(((outputs[3:] - outputs[3:].round()).abs() < 0.01).all()) and bool((outputs[3:] > 0.99).any())
    return outputs.shape[1] == 1 or sums_to_one or at_limits
