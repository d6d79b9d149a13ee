import pytest
import torch
from monai.networks.nets import DenseNet, resnet10

from custom.networks import NetworkCard, TorchvisionClassifier, build_network, create_classifier, save_checkpoint

SMALL = {"init_features": 8, "growth_rate": 4, "block_config": (2, 2)}


@pytest.mark.parametrize("name", ["squeezenet1_1", "torchvision.models.squeezenet1_1"])
def test_torchvision_s_names(name):
    assert isinstance(create_classifier(name, 3), TorchvisionClassifier)
    assert isinstance(create_classifier(name, 3, "none"), TorchvisionClassifier)
    with pytest.raises(ValueError, match="is a model of torchvision, for images of 3 channels"):
        create_classifier(name, 3, channels=1)


def test_torchvision_s_models_of_videos_are_for_volumes():
    name = "torchvision.models.video.r3d_18"
    network = create_classifier(name, 2, None, channels=1, spatial_dims=3).eval()
    assert network(torch.rand(2, 1, 8, 16, 16)).shape == (2, 2)
    with pytest.raises(ValueError, match=r"torchvision.models.video.r3d_18 is a model of videos, for volumes"):
        create_classifier(name, 2)
    with pytest.raises(ValueError, match=r"is called 'r3d_18'; the closest are video.r3d_18"):
        create_classifier("r3d_18", 2)
    with pytest.raises(ValueError, match=r"is called 'video.r3d'; the closest are video.s3d, video.r3d_18"):
        create_classifier("torchvision.models.video.r3d", 2, None, channels=1, spatial_dims=3)


@pytest.mark.parametrize(("channels", "spatial_dims"), [(3, 2), (1, 3)])
def test_monai_s_networks_get_normalized_images(channels, spatial_dims):
    images = torch.rand(2, channels, *[32] * spatial_dims)
    torch.manual_seed(0)
    reference = DenseNet(spatial_dims, channels, 4, **SMALL).eval()
    torch.manual_seed(0)
    network = create_classifier("monai.networks.nets.DenseNet", 4, None, channels, spatial_dims, SMALL).eval()
    assert torch.allclose(network(images), reference(2 * images - 1), atol=1e-5)
    torch.manual_seed(0)
    residual = resnet10(spatial_dims=spatial_dims, n_input_channels=channels, num_classes=4).eval()
    torch.manual_seed(0)
    network = create_classifier("monai.networks.nets.resnet10", 4, None, channels, spatial_dims).eval()
    assert torch.allclose(network(images), residual(2 * images - 1), atol=1e-5)


def test_weights_of_the_network_and_of_the_class(tmp_path):
    name = "monai.networks.nets.DenseNet"
    reference = create_classifier(name, 4, options=SMALL)
    reference.mean += 0.1
    torch.save(reference.state_dict(), tmp_path / "ours.pt")
    torch.save({"state_dict": reference.network.state_dict()}, tmp_path / "bare.pt")
    ours = create_classifier(name, 4, tmp_path / "ours.pt", options=SMALL)
    assert torch.equal(ours.mean, reference.mean)
    bare = create_classifier(name, 4, tmp_path / "bare.pt", options=SMALL)
    assert bare.mean.tolist() == [0.5] * 3
    other = create_classifier(name, 2, tmp_path / "bare.pt", options=SMALL)
    for key, value in reference.network.state_dict().items():
        assert torch.equal(ours.network.state_dict()[key], value)
        assert torch.equal(bare.network.state_dict()[key], value)
        assert key.startswith("class_layers.out") or torch.equal(other.network.state_dict()[key], value)


@pytest.mark.parametrize(
    ("name", "weights", "options", "sentence"),
    [
        ("monai.networks.nets.DenseNet", "IMAGENET1K_V1", SMALL, "No weights file found at 'IMAGENET1K_V1'"),
        ("monai.networks.nets.DenseNet13", None, None, "No classifier found at"),
        ("monai.networks.nets.densenet.torch.load", None, None, "No classifier found at"),
        ("os.path.join", None, None, "No classifier found at"),
        ("monai.networks.nets.DenseNet", None, {"growth": 3}, "is not a classifier that can be built by its path"),
        ("monai.networks.nets.UNet", None, None, "is not a classifier that can be built by its path"),
    ],
)
def test_errors_are_one_sentence(name, weights, options, sentence):
    with pytest.raises((ValueError, FileNotFoundError), match=sentence) as caught:
        create_classifier(name, 3, weights, options=options)
    assert "\n" not in str(caught.value)


def test_a_card_names_the_network_and_builds_it(tmp_path):
    definition = {"_target_": "custom.networks.create_classifier", "name": "monai.networks.nets.DenseNet"}
    definition |= {"num_classes": 2, "options": {**SMALL, "block_config": [2, 2]}}
    network = build_network(definition)
    card = NetworkCard(("A", "B"), (32, 32), network=definition)
    assert card.network_name == "DenseNet"
    save_checkpoint(tmp_path / "model.pt", network, card)
    with pytest.raises(ValueError, match="cannot be built: No classifier found at"):
        build_network({"_target_": "custom.networks.create_classifier", "name": "os.system", "num_classes": 2})
