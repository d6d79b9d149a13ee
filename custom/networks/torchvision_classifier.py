"""Any of torchvision's classification models, with the normalization inside and a head of the wanted size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from pathlib import Path

from torch import nn
from torchvision import models

from custom.networks.checkpoint import load_weights
from custom.networks.normalized_classifier import NormalizedClassifier
from custom.networks.single_output import SingleOutputGoogLeNet, SingleOutputInception
from custom.networks.small_resnet import small_resnet
from custom.networks.weights import pretrained_weights

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
VIDEO = "video."
"""In front of the names of torchvision's models of videos, which take volumes."""
_HALF = (0.5, 0.5, 0.5)
_SINGLE_OUTPUT: dict[str, Callable[[int], nn.Module]] = {
    "inception_v3": SingleOutputInception,
    "googlenet": SingleOutputGoogLeNet,
}


class TorchvisionClassifier(NormalizedClassifier):
    """A torchvision classification model that maps images in [0, 1] to logits.

    ``network`` is torchvision's own module, so that its layers keep their names below ``network.``.
    Differences:

    - SqueezeNet ends without the ReLU after its last convolution, unless it is asked for: with it adversarial
      training of a fresh head can drive every logit to 0, where no gradient is left.
    - DenseNet's last ReLU is a layer, so that Grad-CAM can see what is pooled.
    - InceptionV3 and GoogLeNet have no auxiliary heads and return plain logits, in training mode too. Their
      ImageNet weights expect a mean and standard deviation of 0.5, which is their default here; torchvision
      reaches the same with ``transform_input``.
    - Models of videos take volumes, whose first axis stands in the place of time.

    Args:
        name: torchvision's name of the model, such as ``resnet34``, ``inception_v3``, ``densenet121``,
            ``mobilenet_v2``, ``shufflenet_v2_x1_0`` or ``squeezenet1_0``; of videos with ``video.`` in front, such as
            ``video.r3d_18``; or ``small_resnet``, which is not
            torchvision's: :func:`~custom.networks.small_resnet.small_resnet`, for small images on a CPU.
        num_classes: number of logits.
        weights: ``None``, or ``"none"`` from a command line, for random weights; the name of torchvision's weights
            for the model, such as ``IMAGENET1K_V1``; or the path of a file that
            :func:`custom.networks.read_checkpoint` reads, with the weights of the torchvision model or of this class.
            A head made for another number of classes is left out, so that the new head starts from random weights.
        mean: mean of every channel of the images; ``None`` for what the weights were trained with: a
            checkpoint's own, else ImageNet's (0.5 for InceptionV3 and GoogLeNet; for models of videos that of their
            pretrained weights).
        std: standard deviation of every channel, likewise.
        last_relu: whether SqueezeNet keeps its last ReLU, as torchvision has it.

    Raises:
        FileNotFoundError: if the weights file does not exist.
        ValueError: if the name is unknown or the weights do not fit.
        ConnectionError: if torchvision's weights cannot be downloaded.

    Example::

        >>> import torch
        >>> from custom.networks import TorchvisionClassifier
        >>> network = TorchvisionClassifier("squeezenet1_0", num_classes=3)
        >>> network(torch.rand(2, 3, 112, 112)).shape
        torch.Size([2, 3])

    """

    def __init__(
        self,
        name: str,
        num_classes: int,
        weights: str | Path | None = None,
        mean: Sequence[float] | None = None,
        std: Sequence[float] | None = None,
        last_relu: bool = False,
    ) -> None:
        network = _build(name, num_classes, last_relu)
        trained = _normalization(name)
        if weights is not None and str(weights).lower() != "none":
            state = pretrained_weights(weights, name.removeprefix(VIDEO))
            if "mean" in state and "std" in state:
                trained = (state.pop("mean").tolist(), state.pop("std").tolist())
                state = {key.removeprefix("network."): value for key, value in state.items()}
            load_weights(network, state, name=name, source=str(weights), other_head=True)
        super().__init__(network, mean or trained[0], std or trained[1])


def _normalization(name: str) -> tuple[Sequence[float], Sequence[float]]:
    """Mean and standard deviation that the weights of a model expect."""
    if name.startswith(VIDEO):
        preset = models.get_model_weights(name.removeprefix(VIDEO)).DEFAULT.transforms()
        return preset.mean, preset.std
    return (_HALF, _HALF) if name in _SINGLE_OUTPUT else (IMAGENET_MEAN, IMAGENET_STD)


def _build(name: str, num_classes: int, last_relu: bool) -> nn.Module:
    """Build torchvision's model, or the small network, with random weights."""
    if name == "small_resnet":
        return small_resnet(num_classes)
    names = models.list_models(module=models) + [VIDEO + key for key in models.list_models(module=models.video)]
    if name not in names:
        nearest = ", ".join(get_close_matches(name, names, n=3, cutoff=0.0))
        raise ValueError(f"No torchvision classification model is called {name!r}; the closest are {nearest}.")
    if name in _SINGLE_OUTPUT:
        return _SINGLE_OUTPUT[name](num_classes)
    network: nn.Module = models.get_model(name.removeprefix(VIDEO), weights=None, num_classes=num_classes)
    if isinstance(network, models.SqueezeNet) and not last_relu:
        network.classifier[2] = nn.Identity()
    if isinstance(network, models.DenseNet):
        # torchvision applies the last ReLU as a function, in place, so that Grad-CAM cannot see what is
        # pooled. Here it is a layer before that; as a threshold, whose gradient does not need the output that
        # is then written over.
        network.features.add_module("relu5", nn.Threshold(0.0, 0.0))
    return network
