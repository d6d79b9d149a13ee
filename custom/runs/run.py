"""A finished training, seen from its folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from custom.files.read_json import read_json
from custom.runs.config import read_config, require_trust
from custom.runs.names import EVALUATION_NAME, MODEL_NAME

if TYPE_CHECKING:
    from monai.bundle import ConfigParser

    from custom.networks import NetworkCard


@dataclass(frozen=True)
class Run:
    """What a training left: its config, its weights, and what they were trained on.

    The folder may have been moved or copied since; nothing here depends on where it was.

    Attributes:
        folder: the folder of the run.
        checkpoint: its weights; ``model.pt``, those of the best epoch, unless another file was named.
        written: the config of the training, nothing in it resolved.
        trust: whether code of somebody else in the config may run when a value of it is resolved.
        data: folder of the data set, if it is no longer the one that the config names.

    Example::

        run = Run.read("bundle/runs/dpaat-small_resnet")
        run.backbone, run.image_size, run.class_names

    """

    folder: Path
    checkpoint: Path
    written: ConfigParser
    data: Path | None = None
    trust: bool = False

    @classmethod
    def read(
        cls,
        path: str | Path,
        data: str | Path | None = None,
        overrides: Sequence[str | Path] = (),
        trust: bool = False,
    ) -> Run:
        """Read a run.

        Args:
            path: folder of the run, or a checkpoint in it.
            data: the present folder of the data set, if it has moved.
            overrides: config files to merge over the run's config.
            trust: see :class:`Run`.

        Raises:
            FileNotFoundError: if there is no such run, or it has no weights yet.
            ValueError: if its config is damaged.
        """
        path = Path(path)
        folder, checkpoint = (path, path / MODEL_NAME) if path.is_dir() else (path.parent, path)
        if not checkpoint.is_file():
            raise FileNotFoundError(f"No checkpoint {checkpoint} found; pass the folder of a finished training.")
        return cls(folder, checkpoint, read_config(folder, *overrides), Path(data) if data else None, trust)

    @cached_property
    def parser(self) -> ConfigParser:
        """The config of the training, to be resolved.

        Raises:
            ValueError: if that could run code of somebody who is not trusted.
        """
        require_trust(self.folder, self.trust)
        return self.written

    @property
    def config(self) -> dict[str, Any]:
        """The config as it is written, with its references and expressions."""
        return dict(self.written.get())

    def value(self, key: str) -> Any:
        """The value of an id of the config, with references and expressions resolved.

        Args:
            key: an id, such as ``image_size``.

        Raises:
            ValueError: if the config has no such id.
        """
        if key not in self.written:
            raise ValueError(f"{self.folder / 'config.json'} has no {key!r}; it is not the config of a training.")
        return self.parser.get_parsed_content(key)

    @property
    def method(self) -> str:
        """Name of the training method."""
        return str(self.value("method"))

    @property
    def backbone(self) -> str:
        """Name of the network: what its card says, which an override of the network does not leave as it was."""
        if self.card is not None and self.card.network:
            return str(self.card.network.get("name") or self.card.network_name)
        return str(self.value("backbone"))

    @cached_property
    def card(self) -> NetworkCard | None:
        """What the weights say of themselves; ``None`` for weights without a card.

        Raises:
            ValueError: if the weights cannot be read, or are not those of their card.
        """
        from custom.networks import read_checkpoint

        return read_checkpoint(self.checkpoint).card

    @property
    def image_size(self) -> int | list[int]:
        """Pixels or voxels along each axis of the images that the network was trained on; one number if all are equal.

        It is what the key ``image_size`` of the configs takes.
        """
        if self.card is None:
            size = self.value("image_size")
            return size if isinstance(size, int) else list(size)
        sizes = list(self.card.image_size)
        return sizes[0] if len(set(sizes)) == 1 else sizes

    @property
    def spacing(self) -> list[float] | None:
        """Of volumes the distances of their voxels in mm; ``None`` for images."""
        spacing = self.card.spacing if self.card is not None else self.parser.get("spacing") and self.value("spacing")
        return None if spacing is None else list(spacing)

    @property
    def image_shape(self) -> tuple[int, ...]:
        """Channels and spatial size of the images."""
        from custom.data import spatial_size

        channels = self.card.channels if self.card is not None else 3 if self.spacing is None else 1
        return (channels, *spatial_size(self.image_size, self.spacing))

    @property
    def attack(self) -> dict[str, Any]:
        """``norm``, ``epsilon``, ``step_size`` and ``steps`` of the attack of training and validation."""
        return {key: self.value(key) for key in ("norm", "epsilon", "step_size", "steps")}

    @cached_property
    def class_names(self) -> list[str]:
        """The classes' names, in the order of the network's outputs: those of the card, not of today's datalist.

        Raises:
            ValueError: if there is no card and neither the data set nor an evaluation is there to tell.
        """
        if self.card is not None:
            return list(self.card.class_names)
        if self.datalist is not None:
            labels = self.datalist["labels"]
            return [labels[str(index)] for index in range(len(labels))]
        if self.evaluation is not None:
            return list(self.evaluation["classes"])
        raise ValueError(
            f"{self.checkpoint} was trained on {self.value('dataset_dir')}, which does not exist; name its classes."
        )

    @cached_property
    def intensity(self) -> dict[str, Any]:
        """The intensity window of the training's images, as :func:`custom.data.intensity_window` gives it."""
        from custom.data.intensity import IntensityWindow

        if self.card is not None and self.card.intensity:
            return IntensityWindow.from_mapping(self.card.intensity).as_dict()
        written = (self.datalist or {}).get("intensity") or self.written.get("intensity")
        if isinstance(written, dict) and "_target_" in written:
            if self.datalist is None:
                raise ValueError(
                    f"{self.checkpoint} was trained on {self.value('dataset_dir')}, which "
                    "does not exist; pass --intensity \"{'bits': 8, 'low': 0, 'high': 255}\", or what its datalist "
                    "declares."
                )
            written = None
        return IntensityWindow.from_mapping(written).as_dict()

    @property
    def crop(self) -> str | None:
        """``"square"`` if the images are cropped to their center square before they are resized."""
        crop = self.written.get("crop")
        return None if crop is None else str(crop)

    @property
    def dataset_dir(self) -> Path:
        """Folder of the data set."""
        return self.data or Path(self.value("dataset_dir"))

    @cached_property
    def datalist(self) -> dict[str, Any] | None:
        """The content of the data set's ``datalist.json``; ``None`` if the data set is gone."""
        path = self.data / "datalist.json" if self.data else Path(self.value("datalist"))
        if self.data and not path.is_file():
            raise FileNotFoundError(f"No datalist {path} found; pass the folder of the data set.")
        return read_json(path) if path.is_file() else None

    @cached_property
    def evaluation(self) -> dict[str, Any] | None:
        """The ``metrics.json`` of these very weights; ``None`` if they were not evaluated."""
        from custom.networks import read_checkpoint, weights_sha256

        path = self.folder / EVALUATION_NAME / "metrics.json"
        summary = read_json(path) if path.is_file() else None
        # Trained on after the evaluation, or copied from elsewhere: figures of other weights.
        if summary is None:
            return None
        model = summary.get("model")
        evaluated = model.get("weights_sha256") if isinstance(model, dict) else None
        return summary if evaluated == weights_sha256(read_checkpoint(self.checkpoint).weights) else None
