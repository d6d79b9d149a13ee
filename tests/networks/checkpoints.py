"""A small network and its card, for the tests of checkpoints."""

import torch
from torch import nn

from custom.networks import NetworkCard

CARD = NetworkCard(
    class_names=("MEL", "NV", "BKL"),
    image_size=(5, 5),
    intensity={"window": [0.0, 255.0]},
    network={"_target_": "torchvision.models.densenet121", "num_classes": 3},
    data_sha256="ab" * 32,
    seed=7,
    num_workers=1,
)


def make(classes=3, width=4):
    return nn.Sequential(nn.Linear(5, width), nn.BatchNorm1d(width), nn.Linear(width, classes))


def same(first, second):
    return first.keys() == second.keys() and all(torch.equal(first[key], second[key]) for key in first)
