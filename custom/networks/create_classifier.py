"""A classifier by its name: torchvision's, or the dotted path of one of MONAI's or of torchvision's for videos."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from itertools import product
from pathlib import Path
from pydoc import locate
from typing import Any

from torch import nn

from custom.networks.checkpoint import load_weights, read_checkpoint
from custom.networks.normalized_classifier import NormalizedClassifier
from custom.networks.small_resnet import small_resnet
from custom.networks.torchvision_classifier import VIDEO, TorchvisionClassifier

MONAI = "monai.networks.nets."
TORCHVISION = "torchvision.models."
# What MONAI's networks call the number of channels and of classes.
_INPUTS = ("in_channels", "n_input_channels")
_OUTPUTS = ("num_classes", "out_channels")


def create_classifier(
    name: str,
    num_classes: int,
    weights: str | Path | None = None,
    channels: int = 3,
    spatial_dims: int = 2,
    options: Mapping[str, Any] | None = None,
) -> NormalizedClassifier:
    """Create a classifier that maps images in [0, 1] to logits.

    Args:
        name: torchvision's name of a model, see :class:`custom.networks.TorchvisionClassifier`, or the dotted path of
            a classifier of MONAI, such as ``monai.networks.nets.DenseNet121``; such a network gets images normalized
            by a mean and standard deviation of 0.5; or that of torchvision's models of videos, such as
            ``torchvision.models.video.r3d_18``, for volumes.
        num_classes: number of logits.
        weights: ``None``, or ``"none"`` from a command line, for random weights; a file that
            :func:`custom.networks.read_checkpoint` reads; for a model of torchvision also the name of its weights. A
            head made for another number of classes is left out.
        channels: of the images; torchvision's models have 3, to which volumes of one channel are repeated.
        spatial_dims: 2 for images, 3 for volumes; torchvision's models are for images, but for those of videos.
        options: further arguments of a network of MONAI.

    Raises:
        FileNotFoundError: if the weights file does not exist.
        ValueError: if there is no such classifier, or the weights or options do not fit.
        ConnectionError: if torchvision's weights cannot be downloaded.

    Example::

        >>> import torch
        >>> from custom.networks import create_classifier
        >>> network = create_classifier("monai.networks.nets.DenseNet121", 2, channels=1, spatial_dims=3)
        >>> network(torch.rand(1, 1, 32, 32, 32)).shape
        torch.Size([1, 2])

    """
    name = str(name).removeprefix(TORCHVISION)
    if name == "small_resnet" and (channels, spatial_dims) != (3, 2) and not options:
        small = NormalizedClassifier(small_resnet(num_classes, channels, spatial_dims), *[[0.5] * channels] * 2)
        return _with_weights(small, weights, name)
    if name.startswith(VIDEO):
        if spatial_dims != 3 or channels not in (1, 3) or options:
            raise ValueError(
                f"{TORCHVISION}{name} is a model of videos, for volumes of 1 or 3 channels and without options; for "
                "images pass another backbone, such as resnet34."
            )
        return TorchvisionClassifier(name, num_classes, weights)
    if "." not in name:
        if (channels, spatial_dims) != (3, 2) or options:
            raise ValueError(
                f"{name} is a model of torchvision, for images of 3 channels and without options; for others pass the "
                f"dotted path of a network of MONAI, such as {MONAI}DenseNet121, or of one of torchvision's for "
                f"videos, such as {TORCHVISION}video.r3d_18."
            )
        return TorchvisionClassifier(name, num_classes, weights)
    factory = locate(name) if name.startswith(MONAI) else None
    if not callable(factory) or not str(getattr(factory, "__module__", "")).startswith(MONAI):
        raise ValueError(
            f"No classifier found at {name!r}; pass a name of torchvision, or a dotted path such as "
            f"{MONAI}DenseNet121 or {TORCHVISION}video.r3d_18. Other networks go into network_def."
        )
    network = _build(name, factory, num_classes, channels, spatial_dims, options or {})
    return _with_weights(NormalizedClassifier(network, [0.5] * channels, [0.5] * channels), weights, name)


def _with_weights(classifier: NormalizedClassifier, weights: str | Path | None, name: str) -> NormalizedClassifier:
    """The classifier with the weights of a file, which are those of its class or of the network inside."""
    if weights is not None and str(weights).lower() != "none":
        if not Path(weights).is_file():
            raise FileNotFoundError(f"No weights file found at {str(weights)!r} for {name}; pass a path, or none.")
        checkpoint = read_checkpoint(weights)
        normalized = {"mean", "std"} <= checkpoint.weights.keys()
        load_weights(classifier if normalized else classifier.network, checkpoint, name=name, other_head=True)
    return classifier


def _build(
    name: str,
    factory: Callable[..., Any],
    num_classes: int,
    channels: int,
    spatial_dims: int,
    options: Mapping[str, Any],
) -> nn.Module:
    """Call a network of MONAI with the names that it has for channels and classes."""
    parameters = inspect.signature(factory).parameters
    fixed = {"pretrained": False} if "pretrained" in parameters else {}
    problem: Exception | None = None
    for inputs, outputs in product(_INPUTS, _OUTPUTS):
        arguments = {inputs: channels, outputs: num_classes, "spatial_dims": spatial_dims, **fixed, **options}
        try:
            # Wrong names among several that are tried say nothing, unless none is right.
            network = factory(**arguments)
        except TypeError as error:
            problem = problem or error
        except (ValueError, RuntimeError) as error:
            raise ValueError(f"{name} cannot be built: {str(error).splitlines()[0]}") from error
        else:
            if isinstance(network, nn.Module):
                return network
    raise ValueError(f"{name} is not a classifier that can be built by its path; put it into network_def: {problem}")
