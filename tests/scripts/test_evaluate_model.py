import json

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from custom.networks import NetworkCard, TorchvisionClassifier, save_checkpoint
from scripts.evaluate_model import main, relabeled

NAMES = ["A", "B", "C"]
TARGET = "custom.networks.TorchvisionClassifier"


class ChannelMeans(nn.Module):
    """Logit of class k: ten times the mean of channel 2 - k; so its classes are those of the data reversed."""

    def forward(self, images):
        return 10.0 * images.mean(dim=(2, 3)).flip(1)


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    (folder / "images").mkdir(parents=True)
    splits = {"training": [], "test": []}
    for split, items in splits.items():
        for label in range(3):
            for index in range(2):
                pixels = np.full((10, 10, 3), 100, dtype=np.uint8)
                pixels[..., label] += 4 if index else 100
                name = f"{split}_{label}_{index}"
                Image.fromarray(pixels).save(folder / "images" / f"{name}.png")
                items.append({"image": f"images/{name}.png", "label": label, "image_id": name})
    labels = {str(index): name for index, name in enumerate(NAMES)}
    (folder / "datalist.json").write_text(json.dumps({"name": "channels", "labels": labels, **splits}))
    return folder


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "model.ts"
    torch.jit.script(ChannelMeans()).save(str(path))
    return path


def command(model, data, *more):
    return [str(model), "--data", str(data), "--size", "8", "--device", "cpu", "--trust", *more]


@pytest.mark.usefixtures("unsaved_figures")
def test_a_torchscript_classifier_with_its_own_order_of_classes(model, data, tmp_path, capsys):
    attack = ("--attacks", "fgsm", "--epsilon-linf", "0.02", "--check-images", "0")
    assert main(command(model, data, "--classes", "C", "B", "A", *attack)) == 0
    summary = json.loads((tmp_path / "model-evaluation" / "metrics.json").read_text())
    assert summary["classes"] == ["C", "B", "A"]
    assert summary["data"]["image_shape"] == [3, 8, 8]
    assert summary["clean"]["images"]["accuracy"]["value"] == 1
    # A margin of 4/255 is less than twice 0.02, one of 100/255 is not.
    assert summary["attacks"]["fgsm"]["images"]["accuracy"]["value"] == pytest.approx(0.5)
    printed = capsys.readouterr().out
    assert "clean: accuracy 100.0%" in printed
    assert "fgsm: accuracy 50.0%" in printed
    assert (tmp_path / "model-evaluation" / "report.html").is_file()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--classes", "A", "B"), "The data have the classes A, B, C, and --classes names A, B"),
        (("--classes", "A", "B", "C", "--attacks", "cw"), "Unknown attack 'cw'"),
        (("--classes", "A", "B", "C", "--epsilon-l2", "-1"), "epsilon must be a finite number >= 0, not -1"),
        (("--classes", "A", "B", "C", "--split", "validation"), "has no split 'validation'"),
        (("--classes", "A", "B", "C", "--check-images", "-3"), "need at least 1 image, not -3"),
    ],
)
def test_bad_options_get_one_sentence_and_write_nothing(model, data, tmp_path, capsys, options, sentence):
    assert main(command(model, data, *options)) == 1
    error = capsys.readouterr().err
    assert sentence in error
    assert "Traceback" not in error
    assert not (tmp_path / "model-evaluation").exists()


def test_a_missing_model(data, tmp_path, capsys):
    assert main(command(tmp_path / "none.ts", data, "--classes", *NAMES)) == 1
    assert "No classifier found" in capsys.readouterr().err


def test_programs_need_trust_and_names(model, data, tmp_path, capsys):
    assert main([str(model), "--data", str(data), "--size", "8", "--classes", *NAMES]) == 1
    assert "which can run code when it is loaded; pass --trust" in capsys.readouterr().err
    assert main([str(model), "--data", str(data), "--trust", "--size", "8"]) == 1
    assert "does not say what it is for; pass --classes and --size" in capsys.readouterr().err
    assert not (tmp_path / "model-evaluation").exists()


def trained(folder, names):
    """Weights of a run that answer by the mean of each channel, with their card."""
    network = TorchvisionClassifier("mobilenet_v3_small", 3)
    card = NetworkCard(names, (32, 32), network={"_target_": TARGET, "name": "mobilenet_v3_small", "num_classes": 3})
    save_checkpoint(folder / "model.pt", network, card)
    return network


@pytest.mark.usefixtures("unsaved_figures")
def test_classes_and_size_come_from_the_card_and_not_from_the_data(data, tmp_path, capsys):
    torch.manual_seed(0)
    trained(tmp_path / "run", ("C", "A", "B"))
    quick = ("--attacks", "clean", "--check-images", "0", "--device", "cpu")
    assert main([str(tmp_path / "run"), "--data", str(data), *quick]) == 0
    first = json.loads((tmp_path / "run-evaluation" / "metrics.json").read_text())
    assert first["classes"] == ["C", "A", "B"]
    assert first["data"]["image_shape"] == [3, 32, 32]
    # The same images under labels that were numbered differently: the same accuracy.
    content = json.loads((data / "datalist.json").read_text())
    content["test"] = [{**item, "label": (1, 0, 2)[item["label"]]} for item in content["test"]]
    content["labels"] = {"0": "B", "1": "A", "2": "C"}
    (data / "datalist.json").write_text(json.dumps(content))
    main([str(tmp_path / "run"), "--data", str(data), *quick, "--output", str(tmp_path / "again")])
    again = json.loads((tmp_path / "again" / "metrics.json").read_text())
    assert again["classes"] == ["C", "A", "B"]
    assert again["clean"]["images"]["accuracy"] == first["clean"]["images"]["accuracy"]
    capsys.readouterr()
    assert main([str(tmp_path / "run"), "--data", str(data), *quick, "--classes", *NAMES]) == 1
    assert "was trained with class_names C, A, B, not A, B, C" in capsys.readouterr().err


def test_labels_are_numbered_as_the_model_does():
    items = [{"label": 0, "image": "a"}, {"label": 2, "image": "b"}]
    assert relabeled(items, NAMES, ["B", "C", "A"]) == [
        {"label": 2, "image": "a"},
        {"label": 1, "image": "b"},
    ]
    with pytest.raises(ValueError, match="name the same ones"):
        relabeled(items, NAMES, ["A", "B", "D"])
