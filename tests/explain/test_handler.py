import json
from pathlib import Path

import nibabel
import numpy as np
import pytest
import torch
from ignite.engine import Events
from monai.engines import SupervisedEvaluator
from torch import nn

from custom.attacks import PGD
from custom.explain import grad_cam
from custom.explain.handler import GradCAMHandler
from custom.report.explanations import render_explanations


class Bright(nn.Module):
    """Class 1 if the left half is brighter than the right, class 0 otherwise, for any number of spatial axes."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Identity()
        self.fc = nn.Linear(2, 2, bias=False)
        self.fc.weight.data = torch.tensor([[-1.0, 1.0], [1.0, -1.0]])

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        left = (torch.arange(images.shape[-1]) < images.shape[-1] // 2).to(images)
        maps = self.features(torch.cat([images * left, images * (1 - left)], 1))
        return self.fc(maps.flatten(2).mean(2))


LEFT, RIGHT = torch.tensor([0.9, 0.9, 0.1, 0.1]), torch.tensor([0.1, 0.1, 0.9, 0.9])


def images(*rows: torch.Tensor, height: int = 4) -> torch.Tensor:
    return torch.stack([row.expand(1, height, 4) for row in rows])


def batch_2d() -> dict:
    mask = torch.zeros(3, 1, 4, 4)
    mask[0, 0, :, :2] = 255
    return {
        "image": images(LEFT, RIGHT, LEFT),
        "image_adv": images(LEFT * 0.9, LEFT, LEFT),
        "label": torch.tensor([1, 0, 0]),  # the third is wrong
        "image_id": ["a", "folder/b", "c"],
        "lesion_id": ["one", "two", "three"],
        "mask": mask,
    }


def run(handler: GradCAMHandler, batch: dict) -> SupervisedEvaluator:
    network = Bright()
    evaluator = SupervisedEvaluator(
        device=torch.device("cpu"),
        val_data_loader=[batch],
        network=network,
        val_handlers=[handler],
        decollate=False,
    )
    evaluator.run()
    return evaluator


@pytest.fixture
def handler(tmp_path) -> GradCAMHandler:
    return GradCAMHandler(
        tmp_path / "out",
        ["dark", "bright"],
        target_layer="features",
        faithfulness_steps=4,
        attack=PGD(epsilon=0.3, steps=20, step_fraction=0.5),
        render=render_explanations,
    )


def test_correct_images_are_explained_clean_and_attacked(handler, tmp_path):
    evaluator = run(handler, batch_2d())
    found = json.loads((tmp_path / "out" / "explanations.json").read_text())
    assert [record["image_id"] for record in found["records"]] == ["a", "folder/b"]
    assert [record["lesion_id"] for record in found["records"]] == ["one", "two"]
    assert [record["predicted"] for record in found["records"]] == [1, 0]
    assert [record["predicted_attacked"] for record in found["records"]] == [1, 1]
    assert [record["masked"] for record in found["records"]] == [True, False]
    assert found["target_layer"] == "features"
    assert (found["map_shape"], found["image_shape"]) == ([4, 4], [4, 4])
    assert found["attack"] == {"attack": "PGD", "norm": "l2", "epsilon": 0.3, "steps": 20}
    assert evaluator.state.explanation_grid == (tmp_path / "out" / "grid.png").read_bytes()
    names = {f"{name}{suffix}" for name in ("a", "folder_b") for suffix in ("", "_attacked")}
    assert {path.stem for path in (tmp_path / "out" / "maps").glob("*.npy")} == names
    assert {path.stem for path in (tmp_path / "out" / "overlays").glob("*.png")} == names
    assert (tmp_path / "out" / "grid.png").stat().st_size > 1000

    expected = grad_cam(evaluator.network, batch_2d()["image"][:1], 1, "features")[0, 0]
    np.testing.assert_array_equal(np.load(tmp_path / "out" / "maps" / "a.npy"), expected)
    # Class 1 lives on the left, where the mask is.
    measured = found["records"][0]["measures"]
    assert measured["pointing_game"] == 1
    assert found["measures"]["energy_inside"]["images"] == 1
    assert found["measures"]["deletion"]["images"] == 2


def test_means_go_to_the_engine_before_the_epoch_is_logged(handler):
    network = Bright()
    evaluator = SupervisedEvaluator(
        device=torch.device("cpu"),
        val_data_loader=[batch_2d()],
        network=network,
        val_handlers=[handler],
        decollate=False,
    )
    seen = {}
    evaluator.add_event_handler(Events.EPOCH_COMPLETED, lambda engine: seen.update(engine.state.metrics))
    evaluator.run()
    assert seen["explanation_pointing_game"] == 1
    assert seen["explanation_deletion"] == evaluator.state.explanations["measures"]["deletion"]["value"]


@pytest.mark.parametrize(("explained", "label"), [("true", 0), ("predicted", 1)])
def test_true_or_predicted_class(tmp_path, explained, label):
    handler = GradCAMHandler(
        tmp_path / "out", ["dark", "bright"], target_layer="features", explained_class=explained, faithfulness_steps=0
    )
    evaluator = run(handler, batch_2d())
    # The second image is of class 0; attacked it is taken for class 1.
    expected = grad_cam(evaluator.network, images(LEFT), label, "features")[0, 0]
    np.testing.assert_array_equal(np.load(tmp_path / "out" / "maps" / "folder_b_attacked.npy"), expected)


def test_wrong_images_too_and_no_attack_and_no_masks(tmp_path):
    handler = GradCAMHandler(
        tmp_path / "out", ["dark", "bright"], target_layer="features", correct_only=False, faithfulness_steps=0
    )
    batch = {key: value for key, value in batch_2d().items() if key in ("image", "label", "image_id")}
    evaluator = run(handler, batch)
    assert [record.lesion_id for record in handler.records] == ["a", "folder/b", "c"]
    assert all(record.predicted_attacked is None for record in handler.records)
    assert set(evaluator.state.explanations["measures"]) == {"vanished"}
    assert "No lesion masks" in evaluator.state.explanations["notes"][0]


def test_nothing_right_leaves_an_empty_result(handler, tmp_path):
    run(handler, batch_2d() | {"label": torch.tensor([0, 1, 0])})
    found = json.loads((tmp_path / "out" / "explanations.json").read_text())
    assert found["images"] == 0
    assert not (tmp_path / "out" / "grid.png").exists()


def test_volumes_keep_their_place_in_space(handler, tmp_path):
    affine = torch.diag(torch.tensor([2.0, 3.0, 4.0, 1.0], dtype=torch.float64))
    volume = LEFT.expand(1, 1, 5, 6, 4).clone()
    run(handler, {"image": volume, "label": torch.tensor([1]), "image_id": ["v"], "affine": affine[None]})
    found = nibabel.load(tmp_path / "out" / "maps" / "v.nii.gz")
    assert found.shape == (5, 6, 4)
    np.testing.assert_array_equal(found.affine, affine)


def test_an_error_leaves_nothing_behind(handler, tmp_path):
    with pytest.raises(KeyError):
        run(handler, {key: value for key, value in batch_2d().items() if key != "image_id"})
    handler.writer.open()  # the next run removes the unfinished folder
    assert [path for path in Path(tmp_path).iterdir() if not path.name.startswith(".")] == []


def test_errors(tmp_path):
    with pytest.raises(ValueError, match="must be 'true' or 'predicted', not 'both'"):
        GradCAMHandler(tmp_path / "out", ["a"], explained_class="both")
    (tmp_path / "notes.txt").write_text("")
    with pytest.raises(ValueError, match="holds other files than explanations"):
        GradCAMHandler(tmp_path, ["a"])
