import json
import platform

import pytest
import torch

from custom.networks import NetworkCard


def card(**values):
    return NetworkCard(**{"class_names": ("MEL", "NV"), "image_size": (64, 48)} | values)


def test_plain_types_there_and_back():
    first = card(
        intensity={"window": (0, 4095), "bits": 12},
        network={"_target_": "monai.networks.nets.DenseNet121", "out_channels": 2},
        seed=3,
        num_workers=0,
    )
    content = json.loads(json.dumps(first.to_dict()))
    assert content["intensity"] == {"window": [0, 4095], "bits": 12}
    assert NetworkCard.from_dict(content).to_dict() == first.to_dict()
    assert NetworkCard.from_dict({**content, "of a later version": 1}).to_dict() == first.to_dict()


def test_what_this_process_is_stands_on_the_card():
    assert card().threads == torch.get_num_threads()
    assert card().versions["torch"] == torch.__version__.partition("+")[0]
    assert card().versions["python"] == platform.python_version()
    assert NetworkCard.from_dict({"class_names": ["a", "b"], "image_size": [8]}).versions == {}


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"class_names": ("MEL",)}, "two or more names"),
        ({"class_names": ("MEL", "")}, "two or more names"),
        ({"class_names": ("MEL", "MEL")}, "a name twice"),
        ({"image_size": ()}, "image_size should be whole numbers"),
        ({"image_size": (64, 0)}, "image_size should be whole numbers"),
        ({"image_size": (64, 6.5)}, "image_size should be whole numbers"),
        ({"channels": 0}, "channels should be a whole number"),
        ({"network": "resnet34"}, "network should be a mapping"),
        ({"network": {"act": torch.nn.ReLU}}, "network should hold only numbers, text and lists"),
        ({"intensity": {1: 2}}, "intensity should hold"),
    ],
)
def test_nonsense_is_refused_in_one_sentence(values, sentence):
    with pytest.raises(ValueError, match=sentence):
        card(**values)


@pytest.mark.parametrize("content", [None, [], {}, {"class_names": ["a", "b"]}, {"class_names": 3, "image_size": 4}])
def test_what_is_no_card(content):
    with pytest.raises(ValueError, match="card is not valid"):
        NetworkCard.from_dict(content)


@pytest.mark.parametrize(
    ("expected", "sentence"),
    [
        ({"class_names": ["NV", "MEL"]}, "model.pt was trained with class_names MEL, NV, not NV, MEL."),
        ({"class_names": ["MEL", "NV", "BKL"]}, "model.pt was trained with class_names MEL, NV, not MEL, NV, BKL."),
        ({"image_size": (48, 64)}, "model.pt was trained with image_size 64, 48, not 48, 64."),
        ({"channels": 1}, "model.pt was trained with channels 3, not 1."),
        (
            {"intensity": {"window": [0, 255]}},
            "model.pt was trained with intensity {'window': [0, 1]}, not {'window': [0, 255]}.",
        ),
        ({"seed": 1}, "model.pt was trained with seed 0, not 1."),
    ],
)
def test_differences_are_named(expected, sentence):
    with pytest.raises(ValueError, match="trained with") as caught:
        card(seed=0, intensity={"window": (0, 1)}).check("model.pt", **expected)
    assert str(caught.value) == sentence


def test_what_agrees_or_is_unknown_passes():
    card().check(class_names=["MEL", "NV"], image_size=[64, 48], channels=3, seed=5, data_sha256=None)
    with pytest.raises(TypeError, match="no attribute 'classes'"):
        card().check(classes=["MEL", "NV"])
