"""Classifiers whose flips can be worked out by hand."""

import numpy as np
import pytest
import torch
from monai.transforms import Compose, EnsureTyped, ScaleIntensityRanged
from PIL import Image
from torch import nn

from custom.data.load_image import LoadMedicalImaged
from custom.explorer import ExplorerModel, Subject

NAMES = ("MEL", "BKL", "NV")
EDGE = 8
MARGIN = 0.2
"""How much brighter red is than green, in the file's 8 bits: 153 and 102."""


class Means(nn.Module):
    """Logit of class k: ten times the mean of channel k, plus a bias for the first class.

    The first class leads by 10 (red - green + bias / 10), and every step of an l-infinity attack of epsilon takes 2
    epsilon of that; in l2 the shortest way is along the gradient, sqrt(2 / 64) a unit of margin.
    """

    def __init__(self, bias: float = 0.0):
        super().__init__()
        self.channels = nn.Conv2d(3, 3, 1)
        with torch.no_grad():
            self.channels.weight.copy_(10 * torch.eye(3).view(3, 3, 1, 1))
            self.channels.bias.copy_(torch.tensor([10 * bias, 0.0, 0.0]))
        self.head = nn.Linear(3, 3)
        with torch.no_grad():
            self.head.weight.copy_(torch.eye(3))
            self.head.bias.zero_()

    def forward(self, images):
        return self.head(self.channels(images).mean(dim=(2, 3)))


def model(name, bias=0.0, names=NAMES):
    transform = Compose(
        [
            LoadMedicalImaged("image"),
            ScaleIntensityRanged("image", 0, 255, 0, 1),
            EnsureTyped("image", track_meta=False),
        ]
    )
    network = Means(bias).eval()
    return ExplorerModel(name, "by hand", network, names, (EDGE, EDGE), transform, {"norm": "linf", "epsilon": 0.1})


@pytest.fixture(scope="session")
def standard():
    return model("standard")


@pytest.fixture(scope="session")
def robust():
    return model("robust", bias=0.2)


@pytest.fixture(scope="session")
def photograph(tmp_path_factory):
    """A reddish image: 0.6, 0.4, 0.2."""
    path = tmp_path_factory.mktemp("images") / "reddish.png"
    Image.fromarray(np.full((EDGE, EDGE, 3), (153, 102, 51), dtype=np.uint8)).save(path)
    return path


@pytest.fixture
def subject(photograph, standard, robust):
    return Subject.read(photograph, [standard, robust], class_name="MEL")
