"""Any classifier from a file or a folder."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from custom.networks.card import NetworkCard
from custom.networks.checkpoint import Checkpoint, load_weights, read_checkpoint
from custom.networks.classifier_adapter import ClassifierAdapter
from custom.networks.create_classifier import TORCHVISION, create_classifier
from custom.networks.definition import build_network
from custom.networks.head import classifier_head
from custom.networks.normalized_classifier import NormalizedClassifier
from custom.networks.safe_load import program_kind
from custom.networks.torchvision_classifier import VIDEO, TorchvisionClassifier
from custom.networks.trial import are_probabilities, check_outputs, refuse_probabilities, trial_images, try_on_images

CONFIGS = ("inference", "evaluate", "train")


def load_classifier(
    path: str | Path,
    num_classes: int,
    image_shape: Sequence[int],
    *,
    architecture: str | None = None,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
    probabilities: bool | None = None,
    trust: bool = False,
) -> ClassifierAdapter:
    """Load a classifier and try it on images that are no data.

    Args:
        path: weights with a card, as a training leaves them, or the folder of a run or bundle with such weights; the
            state dict of a model of torchvision or MONAI; or a program, which can run code when it is loaded:
            TorchScript, ``torch.export`` (``.pt2``), or the folder of somebody's MONAI bundle.
        num_classes: number of its classes; a classifier of two may have a single output.
        image_shape: channels and spatial size of its images.
        architecture: torchvision's name or dotted path of the model, or that of one of MONAI's, for a state dict. The
            model is torchvision's own, with SqueezeNet's last ReLU, unless the weights are those of a
            :class:`TorchvisionClassifier`. A head with a single output is taken for the logit of the second of two
            classes.
        mean: mean of each channel that the classifier wants subtracted; for a state dict of a torchvision model
            ImageNet's, if ``None``.
        std: standard deviation of each channel, likewise.
        probabilities: whether it returns probabilities instead of logits; ``None`` to refuse them if it seems so.
        trust: whether programs may be loaded.

    Raises:
        FileNotFoundError: if there is no such file, or the bundle lacks its weights.
        ValueError: if it is not one of these, is not trusted, or does not map such images to so many classes.
    """
    path = Path(path)
    weights = weights_in(path)
    classifier: Any
    if architecture is not None:
        classifier = _from_state_dict(weights or path, architecture, num_classes, image_shape, mean, std)
        mean = std = None
    elif weights is not None and (card := read_card(path)) is not None and card.network:
        card.check(str(weights), image_size=image_shape[1:], channels=image_shape[0])
        classifier = load_weights(build_network(card.network), weights)
    elif path.is_dir():
        _require_trust(path, "the folder of a MONAI bundle, whose configs can run code", trust)
        classifier = _from_bundle(path)
    else:
        classifier = _from_program(path, trust)
    if isinstance(classifier, nn.Module) and not isinstance(classifier, torch.jit.ScriptModule):
        classifier = _in_evaluation_mode(classifier)
    adapter = ClassifierAdapter(classifier, mean, std, bool(probabilities)).eval()
    return _tried(adapter, path, num_classes, image_shape, probabilities)


def weights_in(path: Path) -> Path | None:
    """The file of weights: ``path`` itself, or ``model.pt`` in the folder of a run or bundle; ``None`` if none."""
    if not path.exists():
        raise FileNotFoundError(f"No classifier found at {path}; pass a file, or the folder of a run or bundle.")
    if path.is_dir():
        return next((file for file in (path / "model.pt", path / "models" / "model.pt") if file.is_file()), None)
    return None if _program_kind(path) else path


def read_card(path: str | Path) -> NetworkCard | None:
    """Read the card of a classifier, if it has one.

    Args:
        path: a file of weights, or the folder of a run or bundle.

    Raises:
        FileNotFoundError: if there is nothing at ``path``.
        ValueError: if the weights cannot be read.
    """
    weights = weights_in(Path(path))
    return None if weights is None else read_checkpoint(weights).card


def trained_network(
    checkpoint: str | Path, backbone: str, num_classes: int, image_shape: Sequence[int] = (3, 1, 1)
) -> nn.Module:
    """Build the network that the weights of a checkpoint are for, without loading them.

    Args:
        checkpoint: a file of weights.
        backbone: name of the network, for weights whose card does not define it, see :func:`create_classifier`.
        num_classes: number of its logits, likewise.
        image_shape: channels and spatial size of its images, likewise.

    Returns:
        The network of the card, which an override may have given to the training, else that
        of the backbone; with random weights.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it cannot be read, or the network of its card cannot be built.
    """
    card = read_checkpoint(checkpoint).card
    if card is not None and card.network:
        return build_network(card.network)
    return create_classifier(backbone, num_classes, channels=image_shape[0], spatial_dims=len(image_shape) - 1)


def _require_trust(path: Path, what: str, trust: bool) -> None:
    if not trust:
        raise ValueError(f"{path} is {what}; pass --trust if you trust its author.")


def _program_kind(path: Path) -> str | None:
    if not zipfile.is_zipfile(path):
        return None
    with zipfile.ZipFile(path) as archive:
        return program_kind(archive.namelist())


def _from_state_dict(
    path: Path,
    architecture: str,
    num_classes: int,
    image_shape: Sequence[int],
    mean: Sequence[float] | None,
    std: Sequence[float] | None,
) -> nn.Module:
    """A model of torchvision or MONAI with the weights of a file, which are those of its class or of ours."""
    checkpoint = read_checkpoint(path)
    architecture = architecture.removeprefix(TORCHVISION)
    if "." in architecture and not architecture.startswith(VIDEO):
        channels, dims = image_shape[0], len(image_shape) - 1
        outputs = _outputs(create_classifier(architecture, num_classes, None, channels, dims), checkpoint, num_classes)
        network = create_classifier(architecture, outputs, None, channels, dims)
        if {"mean", "std"} <= checkpoint.weights.keys():
            return load_weights(network, checkpoint, name=architecture)
        load_weights(network.network, checkpoint, name=architecture)
        return NormalizedClassifier(network.network, mean or [0.0] * channels, std or [1.0] * channels)
    num_classes = _outputs(TorchvisionClassifier(architecture, num_classes), checkpoint, num_classes)
    if any(name.startswith("network.") for name in checkpoint.weights):
        network = TorchvisionClassifier(architecture, num_classes, mean=mean, std=std)
        return load_weights(network, checkpoint, name=architecture)
    network = TorchvisionClassifier(architecture, num_classes, mean=mean, std=std, last_relu=True)
    load_weights(network.network, checkpoint, name=architecture)
    return network


def _outputs(network: NormalizedClassifier, checkpoint: Checkpoint, num_classes: int) -> int:
    """The outputs of the network that weights are of: one instead of two if their head has a single logit."""
    head = classifier_head(network.network)[0]
    weight = checkpoint.weights.get(f"{head}.weight", checkpoint.weights.get(f"network.{head}.weight"))
    return 1 if num_classes == 2 and weight is not None and len(weight) == 1 else num_classes


def _from_program(path: Path, trust: bool) -> Any:
    """A TorchScript or exported file, told apart by what is inside."""
    kind = _program_kind(path)
    if kind is None:
        read_checkpoint(path)  # says what the file is, if it is not a state dict
        raise ValueError(
            f"{path} holds weights without a card; name the model of torchvision or MONAI that they are of with "
            "--architecture."
        )
    _require_trust(path, f"a {kind} program, which can run code when it is loaded", trust)
    try:
        if kind == "TorchScript":
            return torch.jit.load(str(path), map_location="cpu").eval()
        return torch.export.load(path).module()
    except Exception as error:  # damaged bytes can raise anything
        raise ValueError(f"{path} cannot be read as a {kind} program: is it damaged?") from error


def _from_bundle(folder: Path) -> nn.Module:
    """The network that a bundle's configs define, with the bundle's weights."""
    from monai.bundle import ConfigParser  # here: it imports much that networks do not need

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
            return load_weights(parser.get_parsed_content("network_def"), weights)
    if scripted.is_file():
        program: nn.Module = _from_program(scripted, trust=True)
        return program
    raise ValueError(
        f"{folder} is not a MONAI bundle: none of its configs defines network_def, and it has no {scripted.name}."
    )


def _in_evaluation_mode(network: nn.Module) -> nn.Module:
    try:
        return network.eval()
    except NotImplementedError:  # programs of torch.export have one mode only
        return network


def _tried(
    network: ClassifierAdapter, path: Path, num_classes: int, image_shape: Sequence[int], probabilities: bool | None
) -> ClassifierAdapter:
    """The classifier, if it maps images to logits; one image at a time if it was exported so."""
    images = trial_images(image_shape)
    try:
        outputs = try_on_images(network.outputs, images, str(path))
    except ValueError:
        network.one_by_one = True
        outputs = try_on_images(network.outputs, images, str(path))
    if outputs.ndim != 2:
        raise ValueError(f"{path} returns outputs of shape {tuple(outputs.shape)} instead of ({len(images)}, classes).")
    if probabilities is None and outputs.shape[1] == 1 and are_probabilities(outputs):
        raise ValueError(
            f"{path} returns a single number from 0 to 1 for each image; pass --probabilities if it is the probability "
            "of the second class, or --logits if it is its logit."
        )
    if probabilities and not bool(((outputs >= 0) & (outputs <= 1)).all()):
        raise ValueError(f"{path} returns numbers outside of [0, 1], which are not probabilities.")
    if probabilities is None:
        refuse_probabilities(outputs, str(path))
    check_outputs(try_on_images(network, images, str(path)), num_classes, str(path))
    return network
