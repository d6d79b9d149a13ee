"""A small bundle, and findings, for the tests of the application."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from custom.networks import TorchvisionClassifier
from deploy.bundle import Bundle
from deploy.case import AttackBall, Finding, Lossy, Model, Prediction, Source, Stability

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("MEL", "BKL", "NV")
MODEL = Model("a model", "0.1.0", "00" * 32)


def make_bundle(folder: Path) -> Path:
    """An exported bundle of a random network on 48x48 pixels, by the repository's own configs."""
    settings = {"bundle_root": ".", "backbone": "squeezenet1_1", "image_size": 48, "class_names": list(NAMES)}
    settings |= {"crop": None, "spacing": None}
    settings["intensity"] = {"bits": 8, "low": 0, "high": 255}
    config = json.loads((ROOT / "bundle/configs/inference.json").read_text())
    config = {key: value for key, value in config.items() if key != "trained"} | settings
    config["network_def"] = {
        "_target_": "custom.networks.TorchvisionClassifier",
        "name": "squeezenet1_1",
        "num_classes": 3,
    }
    (folder / "configs").mkdir(parents=True)
    (folder / "configs/inference.json").write_text(json.dumps(config))
    (folder / "configs/metadata.json").write_text((ROOT / "bundle/configs/metadata.json").read_text())
    (folder / "custom").symlink_to(ROOT / "custom")
    (folder / "models").mkdir()
    torch.manual_seed(0)
    torch.save(TorchvisionClassifier("squeezenet1_1", 3).state_dict(), folder / "models/model.pt")
    return folder


def edit_json(path: Path, **values: Any) -> None:
    """Set values of a JSON file's top level; ``None`` takes one away."""
    content = json.loads(path.read_text()) | values
    taken = {key for key, value in values.items() if value is None}
    path.write_text(json.dumps({key: value for key, value in content.items() if key not in taken}))


def a_finding(
    header: Any = None, stable: bool = True, lossy: Lossy | None = None, pixels: np.ndarray | None = None
) -> Finding:
    """A finding that says NV."""
    prediction = Prediction(NAMES, (0.125, 0.25, 0.625))
    attacked = prediction if stable else Prediction(NAMES, (0.5, 0.25, 0.25))
    pixels = np.full((90, 120, 3), 128, np.uint8) if pixels is None else pixels
    source = Source("arm/left.jpg", pixels, "ab" * 32, header, lossy)
    return Finding(source, prediction, Stability(attacked, AttackBall("l2", 0.3, 20), stable))


@pytest.fixture
def keep_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take back what a bundle adds to ``sys.path``."""
    monkeypatch.setattr(sys, "path", list(sys.path))


@pytest.fixture(scope="session")
def bundle_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_bundle(tmp_path_factory.mktemp("bundle") / "skin")


@pytest.fixture(scope="session")
def bundle(bundle_folder: Path) -> Iterator[Bundle]:
    before = list(sys.path)
    yield Bundle(bundle_folder)
    sys.path[:] = before
