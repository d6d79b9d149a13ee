import json
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from custom.files.config_data import config_data
from custom.networks import NetworkCard, weights_sha256
from deploy.bundle import Bundle, find_bundle
from tests.deploy.conftest import NAMES, ROOT, edit_json, make_bundle


def an_image() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (60, 90, 3), dtype=np.uint8)


def test_probabilities_are_those_of_the_config(bundle: Bundle) -> None:
    network = bundle.parser.get_parsed_content("network_def")
    network.load_state_dict(torch.load(bundle.folder / "models/model.pt", weights_only=True))
    network.eval()
    image = torch.nn.functional.interpolate(
        torch.tensor(an_image()).permute(2, 0, 1)[None].float() / 255, (48, 48), mode="area"
    )
    with torch.no_grad():
        wanted = torch.softmax(network(image), dim=1)[0]
    found = bundle.predict(bundle.prepare(an_image()))
    assert found.class_names == NAMES
    assert found.probabilities == pytest.approx(wanted.tolist(), abs=1e-6)
    assert found.class_name == NAMES[int(wanted.argmax())]


def test_the_attack_stays_in_its_ball_and_tells_whether_the_class_changes(bundle: Bundle) -> None:
    image = bundle.prepare(an_image())
    prediction = bundle.predict(image)
    stability = bundle.check_stability(image, prediction)
    assert (stability.ball.norm, stability.ball.epsilon) == ("l2", 0.3)
    assert stability.stable == (stability.attacked.label == prediction.label)
    assert stability.ball.steps == 7
    label = prediction.label
    assert stability.attacked.probabilities[label] < prediction.probabilities[label]


def test_a_map_has_the_size_of_what_the_network_sees(bundle: Bundle) -> None:
    image = bundle.prepare(an_image())
    saliency = bundle.explain(image, bundle.predict(image))
    assert saliency.shape == (48, 48)
    assert saliency.min() >= 0
    assert saliency.max() <= 1


def test_the_model_is_named_by_the_metadata(bundle: Bundle) -> None:
    assert bundle.model.name == "Adversarially robust skin lesion classification"
    assert bundle.model.version == "0.1.0"
    assert bundle.model.sha256 == weights_sha256(torch.load(bundle.folder / "models/model.pt", weights_only=True))


def test_the_code_of_the_bundle_comes_first(tmp_path: Path, keep_path: None) -> None:
    folder = make_bundle(tmp_path / "skin")
    Bundle(folder)
    assert sys.path[0] == str(folder.resolve())


def test_a_bundle_is_found_as_itself_and_as_the_only_one_of_a_folder(tmp_path: Path, bundle_folder: Path) -> None:
    assert find_bundle(bundle_folder) == bundle_folder.resolve()
    assert find_bundle(bundle_folder.parent) == bundle_folder.resolve()
    with pytest.raises(FileNotFoundError, match="holds no bundle"):
        find_bundle(tmp_path)
    make_bundle(tmp_path / "a")
    make_bundle(tmp_path / "b")
    with pytest.raises(FileNotFoundError, match="holds 2 bundles"):
        find_bundle(tmp_path)


def test_a_broken_bundle_is_an_error_in_one_sentence(tmp_path: Path, keep_path: None) -> None:
    folder = make_bundle(tmp_path / "skin")
    inference, metadata, weights = (
        folder / name for name in ("configs/inference.json", "configs/metadata.json", "models/model.pt")
    )
    config, whole = inference.read_text(), weights.read_bytes()

    edit_json(inference, stability_attack=None)
    with pytest.raises(ValueError, match="has no 'stability_attack'"):
        Bundle(folder)
    inference.write_text(config)

    edit_json(metadata, network_data_format={})
    with pytest.raises(ValueError, match="does not name the classes"):
        Bundle(folder)
    edit_json(metadata, network_data_format={"outputs": {"pred": {"channel_def": {"0": "A", "1": "B"}}}})
    with pytest.raises(ValueError, match="names 2 classes, but the network has 3 outputs"):
        Bundle(folder)
    metadata.write_text((ROOT / "bundle/configs/metadata.json").read_text())

    for content, sentence in ((b"", "is empty"), (whole[:1000], "is damaged")):
        weights.write_bytes(content)
        with pytest.raises(ValueError, match=sentence):
            Bundle(folder)
    torch.save({"network": torch.nn.Identity()}, weights)
    with pytest.raises(ValueError, match="could run code"):
        Bundle(folder)
    weights.unlink()
    with pytest.raises(FileNotFoundError, match="does not exist"):
        Bundle(folder)


def test_weights_of_other_classes_than_the_metadata_s_are_refused(tmp_path: Path, keep_path: None) -> None:
    folder = make_bundle(tmp_path / "skin")
    state = torch.load(folder / "models/model.pt", weights_only=True)
    card = NetworkCard(("BKL", "MEL", "NV"), (48, 48), weights_sha256=weights_sha256(state))
    (folder / "models/model.card.json").write_text(json.dumps(card.to_dict()))
    with pytest.raises(ValueError, match="was trained with class_names BKL, MEL, NV, not MEL, BKL, NV"):
        Bundle(folder)
    card = NetworkCard(NAMES, (64, 64), weights_sha256=weights_sha256(state))
    (folder / "models/model.card.json").write_text(json.dumps(card.to_dict()))
    with pytest.raises(ValueError, match="was trained with image_size 64, 64, not 48, 48"):
        Bundle(folder)


def test_a_network_that_answers_nan_is_refused(tmp_path: Path, keep_path: None) -> None:
    folder = make_bundle(tmp_path / "skin")
    state = torch.load(folder / "models/model.pt", weights_only=True)
    torch.save(state | {"std": torch.zeros(3)}, folder / "models/model.pt")
    with pytest.raises(ValueError, match="returns NaN or infinity"):
        Bundle(folder)
    torch.save(state | {"mean": torch.full((3,), torch.nan)}, folder / "models/model.pt")
    with pytest.raises(ValueError, match="'mean' holds values that are not finite"):
        Bundle(folder)


def test_class_names_that_look_like_code_are_names(tmp_path: Path, keep_path: None) -> None:
    folder = make_bundle(tmp_path / "skin")
    names = ("$__import__('pathlib').Path('ran').touch()", "@seed", "NV #2")
    metadata = json.loads((folder / "configs/metadata.json").read_text())
    metadata["network_data_format"]["outputs"]["pred"]["channel_def"] = dict(zip("012", names, strict=True))
    edit_json(folder / "configs/metadata.json", **config_data(metadata))
    edit_json(folder / "configs/inference.json", class_names=config_data(names))
    assert Bundle(folder).class_names == names
    assert not Path("ran").exists()


@pytest.mark.parametrize(
    "change",
    [
        {"_target_": "CenterSpatialCropd", "keys": "image", "roi_size": [40, 40]},
        {"_target_": "Flipd", "keys": "image", "spatial_axis": 1},
        {"_target_": "Rotate90d", "keys": "image"},
    ],
)
def test_transforms_that_move_the_image_are_refused(
    tmp_path: Path, keep_path: None, bundle: Bundle, change: dict[str, object]
) -> None:
    folder = make_bundle(tmp_path / "skin")
    edit_json(folder / "configs/inference.json", image_transforms=[change, *bundle.parser.config["image_transforms"]])
    with pytest.raises(ValueError, match="do more than resize"):
        Bundle(folder)


def test_the_attack_on_an_image_ends_when_its_class_has_changed(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []

    class ChannelMeans(torch.nn.Module):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            calls.append(len(images))
            return images.mean(dim=(2, 3))

    monkeypatch.setattr(bundle, "network", ChannelMeans())
    needed = {}
    for margin in (0.001, 0.1):
        image = torch.full((1, 3, 48, 48), 0.5)
        image[:, 0] += margin
        calls.clear()
        stability = bundle.check_stability(image, bundle.predict(image))
        assert stability.stable == (margin == 0.1)
        needed[margin] = len(calls)
    # A step of 0.15 changes a mean by about 0.15 / 48 / sqrt(3) = 0.0018: one step is enough for the first image.
    assert needed[0.001] < 5
    assert needed[0.1] >= 8
