"""An exported bundle, ready to classify."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from monai.bundle import ConfigParser
from monai.transforms import Compose
from numpy.typing import NDArray
from torch import Tensor

from deploy.case import AttackBall, Model, Prediction, Stability

_CONFIG = "configs/inference.json"
_METADATA = "configs/metadata.json"
_GEOMETRY_TOLERANCE = 0.04


class Bundle:
    """Reads a bundle that ``scripts/export_bundle.py`` wrote, and answers with it.

    The bundle is program code: expressions in its configs and the package ``custom`` beside them run here. Give only
    bundles that you trust. Its weights are read only as tensors.

    Args:
        folder: the bundle's folder, or one whose only bundle is in a subfolder, as in a container.

    Raises:
        FileNotFoundError: there is no bundle.
        ValueError: the bundle lacks something, or its weights do not fit its network.

    Example::

        bundle = Bundle(Path("bundle"))
        image = bundle.prepare(pixels)
        print(bundle.predict(image).class_name)

    """

    def __init__(self, folder: Path) -> None:
        self.folder = find_bundle(folder)
        # In front, so that the code that was exported with the weights runs, not another version of it.
        sys.path.insert(0, str(self.folder))
        self.parser = ConfigParser()
        self.parser.read_config(str(self.folder / _CONFIG))
        self.parser.read_meta(str(self.folder / _METADATA))
        self.parser["bundle_root"] = str(self.folder)
        self.class_names = self._class_names()
        self.device = torch.device(self._content("device"))
        if self.parser.get("crop") is not None:
            raise ValueError(
                f"{self.folder / _CONFIG} crops images to a square, so that a map of the evidence could not be laid "
                "over the whole image; train without --crop."
            )
        if self.parser.get("spacing") is not None:
            raise ValueError(f"{self.folder / _CONFIG} is for volumes, and the application takes 2-D images.")
        self.intensity = dict(self._content("intensity"))
        self.transforms = Compose(self._content("image_transforms"))
        self._networks = importlib.import_module("custom.networks")
        self.network = self._load_network(Path(self._content("checkpoint")))
        self.model = Model(
            self._metadata("name", self.folder.name),
            self._metadata("version", "unknown"),
            self._networks.weights_sha256(self.network.state_dict()),
        )
        self.attack = self._content("stability_attack")
        self.ball = AttackBall(self.attack.norm, self.attack.epsilon, getattr(self.attack, "steps", None))
        self._grad_cam = importlib.import_module("custom.explain.grad_cam").grad_cam
        self._check_outputs()
        self._check_geometry()

    def prepare(self, pixels: NDArray[Any]) -> Tensor:
        """Turn pixels into what the network takes.

        Args:
            pixels: shape (H, W, 3), RGB, in the values that the bundle's intensity window is for: mostly uint8.

        Returns:
            A batch of one image, shape (1, 3, S, S), in [0, 1], on the bundle's device.

        """
        image = torch.from_numpy(pixels.astype(np.float32)).permute(2, 0, 1).contiguous()
        return torch.as_tensor(self.transforms({"image": image})["image"]).unsqueeze(0).to(self.device)

    @torch.no_grad()
    def predict(self, image: Tensor) -> Prediction:
        """Classify an image.

        Args:
            image: as :meth:`prepare` gives it.

        Returns:
            The probabilities.

        Raises:
            ValueError: the network's answer is not finite.

        """
        probabilities = torch.softmax(self.network(image), dim=1)[0].cpu()
        if not bool(torch.isfinite(probabilities).all()):
            raise ValueError("the network's answer is not finite")
        return Prediction(self.class_names, tuple(probabilities.tolist()))

    def check_stability(self, image: Tensor, prediction: Prediction) -> Stability:
        """Predict again after an attack on the image that drives it away from its predicted class.

        Args:
            image: as :meth:`prepare` gives it.
            prediction: its prediction.

        Returns:
            Whether the class stays the same.

        """
        label = torch.tensor([prediction.label], device=self.device)
        attacked = self.predict(self.attack(self.network, image, label))
        return Stability(attacked, self.ball, attacked.label == prediction.label)

    def explain(self, image: Tensor, prediction: Prediction) -> NDArray[np.float32]:
        """Map where the evidence for the predicted class lies, by Grad-CAM.

        Args:
            image: as :meth:`prepare` gives it.
            prediction: its prediction.

        Returns:
            Shape (S, S), in [0, 1].

        """
        return self._grad_cam(self.network, image, prediction.label)[0, 0].cpu().numpy()

    def _content(self, name: str) -> Any:
        if name not in self.parser:
            raise ValueError(f"{self.folder / _CONFIG} has no {name!r}; export the bundle again.")
        return self.parser.get_parsed_content(name)

    def _metadata(self, name: str, default: str) -> str:
        return str(self.parser.get_parsed_content(f"_meta_#{name}")) if name in self.parser["_meta_"] else default

    def _class_names(self) -> tuple[str, ...]:
        """The classes in the order of the outputs."""
        try:
            channels = self.parser.get_parsed_content("_meta_#network_data_format#outputs#pred#channel_def")
            return tuple(str(channels[str(index)]) for index in range(len(channels)))
        except (KeyError, TypeError) as error:
            raise ValueError(
                f"{self.folder / _METADATA} does not name the classes: network_data_format.outputs.pred.channel_def "
                'must be {"0": name, ...}.'
            ) from error

    def _load_network(self, weights: Path) -> torch.nn.Module:
        # The bundle's own code reads its weights, and compares their card with what the configs say.
        shape = tuple(self._blank().shape[1:])
        expected = {
            "class_names": self.class_names,
            "image_size": shape[1:],
            "channels": shape[0],
            "intensity": self.intensity,
        }
        network: torch.nn.Module = self._networks.load_weights(self._content("network_def"), weights, expected=expected)
        return network.to(self.device).eval()

    def _blank(self) -> Tensor:
        """A black image as the network wants it."""
        return self.prepare(np.zeros((64, 64, 3), np.uint8))

    def _check_outputs(self) -> None:
        """One answer for each class, also if the metadata were edited by hand, and one that is finite."""
        with torch.no_grad():
            outputs = self.network(self._blank()).shape[1]
        if outputs != len(self.class_names):
            raise ValueError(
                f"{self.folder / _METADATA} names {len(self.class_names)} classes, but the network has {outputs} "
                "outputs."
            )
        source = f"The network of {self.folder}"
        self._networks.check_network(self.network, self._blank().shape[1:], outputs, source)

    def _check_geometry(self) -> None:
        """A map is laid over the whole image, so the whole image is what the network has to see, upright."""
        height, width = 60, 90
        ramps = np.zeros((height, width, 3))
        ramps[..., 0] = (np.arange(width) + 0.5) / width
        ramps[..., 1] = ((np.arange(height) + 0.5) / height)[:, None]
        low, high = self.intensity["low"], self.intensity["high"]
        seen = self.prepare((low + ramps * (high - low)).round(2))[0].cpu().numpy()
        rows, columns = seen.shape[1:]
        expected = np.zeros_like(seen)
        expected[0] = (np.arange(columns) + 0.5) / columns
        expected[1] = ((np.arange(rows) + 0.5) / rows)[:, None]
        if np.abs(seen - expected).max() > _GEOMETRY_TOLERANCE:
            raise ValueError(
                f"image_transforms of {self.folder / _CONFIG} do more than resize the image and scale it to [0, 1], so "
                "that a map of the evidence could not be laid over it."
            )


def find_bundle(folder: Path) -> Path:
    """Find the bundle in a folder.

    Args:
        folder: the bundle itself, or the folder of a container's models, with the bundle as its only one.

    Returns:
        The bundle's folder, absolute.

    Raises:
        FileNotFoundError: there is none, or several.

    """
    found = [place for place in (folder, *sorted(folder.glob("*/"))) if (place / _CONFIG).is_file()]
    if (folder / _CONFIG).is_file():
        return folder.resolve()
    if len(found) != 1:
        raise FileNotFoundError(
            f"{folder} holds {len(found) or 'no'} bundle{'s'[: len(found)]}; pass a folder with {_CONFIG}, as "
            "scripts/export_bundle.py writes it."
        )
    return found[0].resolve()
