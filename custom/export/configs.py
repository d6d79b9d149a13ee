"""The configs of an exported bundle: those of the repository, with what the trained network needs filled in."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from custom.files.config_data import config_data
from custom.files.read_json import read_json
from custom.runs import Run

LEFT_OUT = (
    "quickstart.json",
    "quickstart_evaluate.json",
    "volume.json",
    "volume_quickstart.json",
    "recipe_paper.json",
    "recipe_recommended.json",
)
"""Configs that would train or evaluate another network than the one of the bundle."""

OF_THE_PLACE = frozenset(
    (
        "bundle_root",
        "dataset_dir",
        "datalist",
        "class_names",
        "runs_dir",
        "run_name",
        "output_dir",
        "resume",
        "experiment_name",
        "device",
        "num_workers",
        "cache_rate",
        "weights",
    )
)
"""Ids that say where a training ran, not what it did; a bundle is used elsewhere."""

OWN_WEIGHTS = "@bundle_root + '/models/model.pt'"


def write_configs(source: Path, target: Path, run: Run, name: str) -> None:
    """Copy all configs but the metadata, and fill in the values of a trained network.

    Whoever uses the bundle then needs no override: training starts from the bundle's own weights with the settings
    that made them, evaluation and inference take the bundle's network.

    Args:
        source: folder of the repository's configs.
        target: folder of the bundle's configs.
        run: the training.
        name: the bundle's name.
    """
    target.mkdir(parents=True)
    filled: dict[str, dict[str, Any]] = {
        "train.json": {
            "class_names": config_data(run.class_names),
            "intensity": run.intensity,
            # Tools build the network also from elsewhere, and bring the weights themselves.
            "weights": f"${OWN_WEIGHTS} if os.path.isfile({OWN_WEIGHTS}) else None",
            "experiment_name": name,
        },
        "inference.json": {
            "class_names": config_data(run.class_names),
            "intensity": run.intensity,
            "crop": run.crop,
        },
    }
    for path in sorted(source.iterdir()):
        # Folders are grids of studies, which a bundle of one network has no use for.
        if path.is_dir() or path.name in LEFT_OUT or path.name == "metadata.json":
            continue
        if path.suffix != ".json":
            shutil.copy(path, target)
            continue
        config = read_json(path)
        if path.name == "train.json":
            config |= _settings(config, run)
            if other_network(run):
                config["network_def"] = run.parser["network_def"]
        if path.name == "inference.json":
            del config["trained"], config["trust"]
            config |= {"backbone": run.backbone, "image_size": run.image_size, "spacing": run.spacing}
            config["network_def"] = network_of(run)
            for attack in (config["attack"], config["stability_attack"]):
                attack.pop("step_fraction")
            # As strong as it was to withstand; where it is to find weaknesses, the steps stay those of an evaluation.
            config["attack"] |= {key: run.attack[key] for key in ("norm", "epsilon", "step_size")}
            config["stability_attack"] |= run.attack
        if "bundle_root" in config:
            config["bundle_root"] = "."
        config |= filled.get(path.name, {})
        (target / path.name).write_text(json.dumps(config, indent=4) + "\n", encoding="utf-8")


def network_of(run: Run) -> dict[str, Any]:
    """The config of the run's network, in plain values."""
    if run.card is not None and run.card.network:
        return dict(run.card.network)
    return {
        "_target_": "custom.networks.create_classifier",
        "name": run.backbone,
        "num_classes": len(run.class_names),
        "channels": run.image_shape[0],
        "spatial_dims": len(run.image_shape) - 1,
    }


def other_network(run: Run) -> bool:
    """Whether an override gave the run another network than that of its ``backbone``."""
    by_name = ("custom.networks.create_classifier", "custom.networks.TorchvisionClassifier")
    return run.card is not None and run.card.network.get("_target_", by_name[0]) not in by_name


def _settings(template: Mapping[str, Any], run: Run) -> dict[str, Any]:
    """The settings of a training: plain values at the top of the config, in place of the defaults."""
    settings: dict[str, Any] = {
        "accelerations": run.parser["accelerations"],
        "image_size": run.image_size,
        "spacing": run.spacing,
        # Volumes are augmented otherwise than images.
        "train": {**template["train"], "random_transforms": run.parser["train#random_transforms"]},
    }
    for key in template:
        value = run.parser.get(key)
        plain = value is None or isinstance(value, bool | int | float | str)
        if key in run.parser and key not in OF_THE_PLACE and plain and not str(value).startswith(("$", "@", "%")):
            settings[key] = value
    return settings
