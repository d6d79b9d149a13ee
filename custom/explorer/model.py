"""A trained model as the page uses it: of a run's folder or an exported bundle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from monai.bundle import ConfigParser
from monai.transforms import Compose
from torch import Tensor, nn

from custom.explain import TargetLayer, find_target_layer
from custom.files.read_json import read_json
from custom.networks import check_network, load_classifier, load_weights, read_card, trained_network
from custom.runs import CONFIG_NAME, MODEL_NAME, Run

INFERENCE = Path(__file__).resolve().parents[2] / "bundle" / "configs" / "inference.json"
"""The project's reading of images; of a bundle's own configs nothing is run."""


@dataclass(frozen=True, eq=False)
class ExplorerModel:
    """A classifier with its reading of images.

    Attributes:
        name: what the page calls it.
        description: how it was trained, in a line.
        network: maps images (B, 3, H, W) in [0, 1] to logits (B, classes); in evaluation mode.
        class_names: in the order of the logits.
        image_size: height and width of its images.
        transform: makes ``{"image": path}`` to ``{"image": (3, H, W) in [0, 1]}`` by the rule of the training.
        trained_with: ``norm`` and ``epsilon`` of the attack of its training, empty if it does not say.
        dataset: folder of the data set that it was trained on; ``None`` if it is gone or not known.
    """

    name: str
    description: str
    network: nn.Module
    class_names: tuple[str, ...]
    image_size: tuple[int, int]
    transform: Compose
    trained_with: Mapping[str, Any] = field(default_factory=dict)
    dataset: Path | None = None

    @cached_property
    def target_layer(self) -> TargetLayer | None:
        """The layer of Grad-CAM; ``None`` if the network has none, as a program without modules."""
        try:
            return find_target_layer(self.network, torch.full((1, 3, *self.image_size), 0.5))
        except (ValueError, RuntimeError):
            return None

    def read(self, path: str | Path) -> Tensor:
        """An image file as the network sees it, shape (1, 3, H, W) in [0, 1].

        Args:
            path: the file: JPEG, PNG, DICOM and whatever else the training reads.

        Raises:
            custom.data.decoded_image.UnreadableImageError: it is not such an image.
        """
        image: Tensor = self.transform({"image": str(path)})["image"]
        return image.as_subclass(torch.Tensor).unsqueeze(0)


def read_model(
    path: str | Path, name: str | None = None, *, data: str | Path | None = None, trust: bool = False
) -> ExplorerModel:
    """Read the model of a run or of a bundle.

    Args:
        path: folder of a run or of a MONAI bundle, or a checkpoint in the folder of a run.
        name: what to call it; by default what the folder is called.
        data: folder of the data set, if it is not where the training found it.
        trust: whether code of somebody else in the config of a run, or of a bundle without a network card, may run.

    Raises:
        FileNotFoundError: if there is no such run or bundle.
        ValueError: if it cannot be read, is not trusted, or is not for 2-D images of three channels.
    """
    path = Path(path)
    folder = path if path.is_dir() else path.parent
    name = name or folder.resolve().name
    if path.is_dir() and not (path / CONFIG_NAME).is_file() and (path / "configs").is_dir():
        return _of_bundle(path, name, trust)
    return _of_run(path, name, data, trust)


def _of_run(path: Path, name: str, data: str | Path | None, trust: bool) -> ExplorerModel:
    run = Run.read(path, data, trust=trust)
    channels, *sizes = run.image_shape
    _require_images(str(path), tuple(sizes), channels)
    height, width = sizes
    network = load_weights(trained_network(run.checkpoint, run.backbone, len(run.class_names)), run.checkpoint)
    return ExplorerModel(
        name,
        f"{run.method}, {run.backbone}, {height} x {width}",
        check_network(network.eval(), (3, height, width), len(run.class_names), str(path)),
        tuple(run.class_names),
        (height, width),
        _transform((height, width), run.intensity, run.crop),
        {key: run.attack[key] for key in ("norm", "epsilon")} if run.method != "std" else {},
        run.dataset_dir if run.datalist is not None else None,
    )


def _of_bundle(path: Path, name: str, trust: bool) -> ExplorerModel:
    card = read_card(path) if (path / "models" / MODEL_NAME).is_file() else None
    if card is not None and card.network:
        names, size, channels, intensity = card.class_names, card.image_size, card.channels, dict(card.intensity)
        _require_images(str(path), size, channels)
        weights = path / "models" / MODEL_NAME
        network: nn.Module = load_weights(trained_network(weights, "", len(names)), weights).eval()
        check_network(network, (channels, *size), len(names), str(path))
        description = f"bundle, {card.network_name}, {size[0]} x {size[-1]}"
    else:
        names, size, channels = _described_by_metadata(path)
        intensity = {}  # of 8 bits
        _require_images(str(path), size, channels)
        network = load_classifier(path, len(names), (channels, *size), trust=trust)
        description = f"bundle, {size[0]} x {size[-1]}"
    inference = path / "configs" / "inference.json"
    config = read_json(inference) if inference.is_file() else {}
    crop = "square" if config.get("crop") == "square" else None
    attack = config.get("stability_attack")
    known = {key: attack[key] for key in ("norm", "epsilon") if key in attack} if isinstance(attack, dict) else {}
    plain = isinstance(known.get("epsilon"), int | float) and known.get("norm") in ("l2", "linf")
    edges = (size[0], size[1])
    transform = _transform(edges, intensity, crop)
    return ExplorerModel(name, description, network, names, edges, transform, known if plain else {})


def _described_by_metadata(path: Path) -> tuple[tuple[str, ...], tuple[int, ...], int]:
    """Classes, spatial size and channels that the metadata of somebody's bundle say."""
    try:
        form = read_json(path / "configs" / "metadata.json")["network_data_format"]
        image = form["inputs"]["image"]
        names = form["outputs"]["pred"]["channel_def"]
        size = tuple(int(edge) for edge in image["spatial_shape"])
        return tuple(str(names[str(index)]) for index in range(len(names))), size, int(image["num_channels"])
    except (FileNotFoundError, KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"{path} has neither a network card nor metadata that name its classes and image size; pass the folder of "
            "a run or of an exported bundle."
        ) from error


def _require_images(source: str, size: tuple[int, ...], channels: int) -> None:
    if len(size) != 2:
        raise ValueError(f"{source} classifies volumes of {' x '.join(map(str, size))}; the explorer shows 2-D images.")
    if channels != 3:
        raise ValueError(f"{source} takes images of {channels} channels; the explorer shows images of 3.")


def _transform(size: tuple[int, int], intensity: Mapping[str, Any], crop: str | None) -> Compose:
    """The transforms of inference, with plain values in place of everything that a run or bundle would compute."""
    parser = ConfigParser()
    parser.read_config(str(INFERENCE))
    parser["intensity"] = dict(intensity) or {"bits": 8, "low": 0.0, "high": 255.0}
    parser["crop"], parser["spacing"], parser["spatial_size"] = crop, None, list(size)
    transforms: Compose = parser.get_parsed_content("preprocessing")
    return transforms
