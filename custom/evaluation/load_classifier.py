"""Any classifier from a file or a bundle's folder."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from monai.bundle import ConfigParser
from torch import Tensor, nn

from custom.evaluation.foreign_classifier import ForeignClassifier
from custom.networks import TorchvisionClassifier, load_weights, read_checkpoint

CONFIGS = ("inference", "evaluate", "train")
# What programs and networks raise where images do not fit them.
TRIAL_ERRORS = (RuntimeError, ValueError, TypeError, AssertionError, IndexError)


def load_classifier(
    path: str | Path,
    num_classes: int,
    image_shape: Sequence[int],
    *,
    architecture: str | None = None,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
    probabilities: bool = False,
) -> ForeignClassifier:
    """Load a classifier and try it on blank images.

    Args:
        path: a TorchScript file, a file of ``torch.export`` (``.pt2``), a state dict of a torchvision model,
            or the folder of a MONAI bundle, whose configs can run code: open only bundles that you trust.
        num_classes: number of its outputs.
        image_shape: channels and spatial size of its images.
        architecture: torchvision's name of the model, for a state dict.
        mean: mean of each channel that the classifier wants subtracted; for a state dict ImageNet's, where
            none is given.
        std: standard deviation of each channel, likewise.
        probabilities: whether it returns probabilities instead of logits.

    Raises:
        FileNotFoundError: if there is no such file, or the bundle lacks its weights.
        ValueError: if it is none of these, or does not map such images to so many classes.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"There is no classifier {path}: give a file or the folder of a MONAI bundle.")
    if architecture is not None:
        network = TorchvisionClassifier(architecture, num_classes, mean=mean, std=std)
        # A state dict of torchvision's own has no normalisation inside and no prefix.
        checkpoint = read_checkpoint(path)
        inner = not any(key.startswith("network.") for key in checkpoint.weights)
        load_weights(network.network if inner else network, checkpoint, name=architecture)
        classifier: Any = network.eval()
        mean = std = None
    elif path.is_dir():
        classifier = _from_bundle(path)
    else:
        classifier = _from_program(path)
    wrapped = ForeignClassifier(classifier, mean, std, probabilities).eval()
    return _tried(wrapped, path, num_classes, image_shape)


def _from_program(path: Path) -> nn.Module:
    """A TorchScript or exported file, told apart by what is inside."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
        if any("/code/" in name for name in names):
            return torch.jit.load(str(path), map_location="cpu").eval()
        if any(name.endswith((".json", "archive_format")) for name in names):
            return torch.export.load(path).module()
    raise ValueError(
        f"{path} is neither a TorchScript nor a torch.export file; for the state dict of a torchvision model "
        "name its architecture."
    )


def _from_bundle(folder: Path) -> nn.Module:
    """The network that a bundle's configs define, with the bundle's weights."""
    scripted, weights = folder / "models" / "model.ts", folder / "models" / "model.pt"
    configs = [
        file
        for name in CONFIGS
        for suffix in ("json", "yaml", "yml")
        if (file := folder / "configs" / f"{name}.{suffix}").is_file()
    ]
    for config in configs:
        parser = ConfigParser()
        parser.read_config(str(config))
        if "network_def" in parser:
            parser["bundle_root"] = str(folder)
            return load_weights(parser.get_parsed_content("network_def"), weights).eval()
    if scripted.is_file():
        return _from_program(scripted)
    raise ValueError(
        f"{folder} is no MONAI bundle: no config of it defines network_def, and it has no {scripted.name}."
    )


def _tried(network: ForeignClassifier, path: Path, num_classes: int, image_shape: Sequence[int]) -> ForeignClassifier:
    """The classifier, if it maps images to logits; one image at a time where it was exported so."""
    images = torch.full((2, *image_shape), 0.5)
    try:
        shape = _output_shape(network, images)
    except TRIAL_ERRORS:
        network.one_by_one = True
        try:
            shape = _output_shape(network, images)
        except TRIAL_ERRORS as error:
            size, reason = " x ".join(map(str, image_shape)), (str(error).splitlines() or [""])[0]
            raise ValueError(f"{path} does not take images of {size} (channels, then size): {reason}") from error
    if shape != (2, num_classes):
        raise ValueError(
            f"{path} gives outputs of shape {shape} for 2 images; it should be (2, {num_classes}), one for each class."
        )
    return network


def _output_shape(network: nn.Module, images: Tensor) -> tuple[int, ...]:
    with torch.no_grad():
        return tuple(network(images).shape)
