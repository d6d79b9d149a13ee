import re

import pytest
import torch
from monai.networks.nets import DenseNet121, EfficientNetBN, resnet18
from torch import nn
from torchvision import models

from custom.networks import classifier_head, head_parameters

MONAI = {
    "class_layers.out": lambda: DenseNet121(spatial_dims=3, in_channels=1, out_channels=5),
    "fc": lambda: resnet18(spatial_dims=3, n_input_channels=1, num_classes=5),
    "_fc": lambda: EfficientNetBN("efficientnet-b0", spatial_dims=2, num_classes=5, pretrained=False),
}


# RegNets compute their widths with tensors, which the meta device cannot read back: the smallest stands for
# them.
BUILT_WITHOUT_MEMORY = [name for name in models.list_models(module=models) if not name.startswith("regnet")]


FAMILIES = {re.match("[a-z]+", name)[0]: name for name in reversed(BUILT_WITHOUT_MEMORY)}


@pytest.mark.parametrize(
    "name",
    [
        *FAMILIES.values(),
        "regnet_x_400mf",
        *(pytest.param(name, marks=pytest.mark.slow) for name in BUILT_WITHOUT_MEMORY if name not in FAMILIES.values()),
    ],
)
def test_every_torchvision_model_ends_in_its_head(name):
    with torch.device("cpu" if name.startswith("regnet") else "meta"):
        weights = {"init_weights": False} if name in ("inception_v3", "googlenet") else {}
        network = models.get_model(name, weights=None, num_classes=7, **weights)
    assert head_parameters(network)[0].shape[0] == 7


@pytest.mark.parametrize("head", MONAI)
def test_monai_classifiers(head):
    network = MONAI[head]()
    name, layer = classifier_head(network)
    assert name == head
    assert [len(p) for p in head_parameters(network)] == [5, 5]
    assert network.get_submodule(name) is layer


def test_no_head():
    with pytest.raises(ValueError, match="Flatten has no linear or convolutional layer"):
        classifier_head(nn.Flatten())
