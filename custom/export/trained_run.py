"""What a training left beside its weights, as far as others need it to use them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from monai.bundle import ConfigParser

from custom.bundle import training_config
from custom.data.intensity import IntensityWindow
from custom.evaluation.fingerprint import file_hash


@dataclass(frozen=True)
class TrainedRun:
    """The output folder of a training, seen from its checkpoint.

    Attributes:
        checkpoint: the weights.
        config: what the training ran with, from ``config.json`` beside the weights.
        data: folder of the data set, where it is no longer the one that the config names.

    Example::

        run = read_run("bundle/runs/dpaat-squeezenet1_1/model.pt")
        run.backbone, run.image_size, run.class_names

    """

    checkpoint: Path
    config: ConfigParser
    data: Path | None = None

    def value(self, key: str) -> Any:
        """The value of an id of the config, with references and expressions resolved.

        Raises:
            ValueError: when the config has no such id.
        """
        if key not in self.config:
            raise ValueError(f"{self.checkpoint.parent / 'config.json'} has no {key!r}: it is no config of a training.")
        return self.config.get_parsed_content(key)

    @property
    def backbone(self) -> str:
        """Torchvision's name of the network."""
        return str(self.value("backbone"))

    @property
    def image_size(self) -> int:
        """Edge of the square images that the network was trained on."""
        return int(self.value("image_size"))

    @property
    def attack(self) -> dict[str, Any]:
        """``norm``, ``epsilon``, ``step_size`` and ``steps`` of the attack of training and validation."""
        return {key: self.value(key) for key in ("norm", "epsilon", "step_size", "steps")}

    @cached_property
    def class_names(self) -> list[str]:
        """The classes' names, in the order of the network's outputs.

        Raises:
            ValueError: when neither the data set nor an evaluation is there to tell.
        """
        if self.datalist is not None:
            labels = self.datalist["labels"]
            return [labels[str(index)] for index in range(len(labels))]
        if self.evaluation is not None:
            return list(self.evaluation["classes"])
        raise ValueError(
            f"{self.checkpoint} was trained on {self.value('dataset_dir')}, which is not there: name its classes."
        )

    @cached_property
    def intensity(self) -> dict[str, Any]:
        """The intensity window of the training's images, as :func:`custom.data.intensity_window` gives it."""
        written = (self.datalist or {}).get("intensity") or self.config.get("intensity")
        if isinstance(written, dict) and "_target_" in written:
            if self.datalist is None:
                raise ValueError(
                    f"{self.checkpoint} was trained on {self.value('dataset_dir')}, which is not there: pass "
                    "--intensity \"{'bits': 8, 'low': 0, 'high': 255}\", or what its datalist declares."
                )
            written = None
        return IntensityWindow.from_mapping(written).as_dict()

    @cached_property
    def datalist(self) -> dict[str, Any] | None:
        """The content of the data set's ``datalist.json``; ``None`` where the data set has gone."""
        path = self.data / "datalist.json" if self.data else Path(self.value("datalist"))
        if self.data and not path.is_file():
            raise FileNotFoundError(f"There is no datalist {path}: give the folder of the data set.")
        return _read_json(path) if path.is_file() else None

    @cached_property
    def evaluation(self) -> dict[str, Any] | None:
        """The ``metrics.json`` of these very weights; ``None`` where they were not evaluated."""
        path = self.checkpoint.parent / "evaluation" / "metrics.json"
        summary = _read_json(path) if path.is_file() else None
        # Trained on after the evaluation, or copied from elsewhere: figures of other weights.
        fits = summary is not None and summary.get("model", {}).get("checkpoint_sha256") == file_hash(self.checkpoint)
        return summary if fits else None


def read_run(checkpoint: str | Path, data: str | Path | None = None) -> TrainedRun:
    """Read what lies beside a checkpoint.

    Args:
        checkpoint: ``model.pt`` in the output folder of a training.
        data: the present folder of the data set, where it has moved.

    Raises:
        FileNotFoundError: when there is no such file, or no ``config.json`` beside it.
        ValueError: when that is no config.
    """
    checkpoint = Path(checkpoint)
    if not checkpoint.is_file():
        raise FileNotFoundError(f"There is no checkpoint {checkpoint}: give the model.pt of a training.")
    return TrainedRun(checkpoint, training_config(checkpoint.parent), Path(data) if data else None)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is not valid JSON ({error}).") from None
    if not isinstance(content, dict):
        raise ValueError(f"{path} should hold a JSON object, not a {type(content).__name__}.")
    return content
