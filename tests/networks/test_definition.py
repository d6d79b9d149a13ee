import pytest
import torch
from monai.bundle import ConfigParser
from torch import nn

from custom.networks import TorchvisionClassifier, build_network, network_definition


def test_references_become_values_and_weights_are_left_out():
    config = ConfigParser(
        {
            "backbone": "squeezenet1_1",
            "class_names": ["MEL", "NV"],
            "network_def": {
                "_target_": "custom.networks.TorchvisionClassifier",
                "_desc_": "any",
                "name": "@backbone",
                "num_classes": "$len(@class_names)",
                "mean": ["$1 / 2", 0.5, 0.5],
                "weights": "IMAGENET1K_V1",
            },
        }
    )
    definition = network_definition(config)
    assert definition == {
        "_target_": "custom.networks.TorchvisionClassifier",
        "name": "squeezenet1_1",
        "num_classes": 2,
        "mean": [0.5, 0.5, 0.5],
    }
    assert isinstance(build_network(definition), TorchvisionClassifier)


def test_a_network_given_by_override_is_the_one_on_the_card():
    densenet = {"_target_": "monai.networks.nets.DenseNet121", "spatial_dims": 2, "in_channels": 3, "out_channels": 4}
    config = ConfigParser({"backbone": "squeezenet1_1", "network_def": densenet})
    assert network_definition(config) == densenet
    torch.manual_seed(0)
    first = build_network(network_definition(config))
    torch.manual_seed(0)
    again = config.get_parsed_content("network_def")
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), again.parameters(), strict=True))


def test_what_is_no_plain_value_stays_as_it_is_written():
    config = ConfigParser({"network_def": {"_target_": "monai.networks.nets.DenseNet", "act": "$__import__('torch')"}})
    assert network_definition(config)["act"] == "$__import__('torch')"
    with pytest.raises(ValueError, match="arguments that are not plain values"):
        build_network(network_definition(config))


@pytest.mark.parametrize("network", [None, 3, {"name": "resnet34"}])
def test_a_config_without_a_network(network):
    with pytest.raises(ValueError, match="network_def of the config should be a network"):
        network_definition(ConfigParser({"network_def": network}))


@pytest.mark.parametrize(
    "definition",
    [
        {"_target_": "os.system", "command": "touch ran"},
        {"_target_": "custom.networks.safe_load.Path.touch", "self": "ran"},
        {"_target_": "custom.networks.checkpoint.torch.load", "f": "ran"},
        {"_target_": "custom.networks.save_checkpoint"},
        {"_target_": "custom.networks.none"},
        {"_target_": "torchvision.models.list_models"},
        {"_target_": "monai.networks.nets.DenseNet121", "spatial_dims": "$open('ran', 'w')"},
        {"_target_": "monai.networks.nets.DenseNet121", "act": {"_target_": "builtins.open", "file": "ran"}},
        {"_target_": "monai.networks.nets.DenseNet121", "wrong": 3},
        {"_target_": ["os.system"]},
        {},
    ],
)
def test_a_card_runs_no_code(definition, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=r"^The card") as caught:
        build_network(definition)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_torchvision_s_functions():
    network = build_network({"_target_": "torchvision.models.resnet18", "num_classes": 3})
    assert isinstance(network, nn.Module)
    assert network.fc.out_features == 3
