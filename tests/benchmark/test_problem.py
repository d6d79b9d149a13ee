import json
from pathlib import Path

import pytest
import torch

from custom.acceleration import create_accelerations
from custom.benchmark.problem import exact, make_problem, reduced

CONFIGS = Path(__file__).resolve().parents[2] / "bundle" / "configs"


@pytest.mark.parametrize(
    ("name", "preset", "accelerations"),
    [
        ("train.json", "exact", exact),
        ("evaluate.json", "exact", exact),
        ("reduced_precision.json", "bfloat16", reduced),
    ],
)
def test_the_accelerations_are_those_of_the_configs(name, preset, accelerations):
    assert json.loads((CONFIGS / name).read_text())["accelerations"] == preset
    assert [type(one) for one in accelerations()] == [type(one) for one in create_accelerations(preset)]


def test_a_problem_is_the_same_for_the_same_seed_and_has_settled_statistics():
    one, other = (make_problem("resnet18", 32, 4, torch.device("cpu"), seed=1) for _ in range(2))
    assert torch.equal(one.images, other.images)
    assert torch.equal(one.network(one.images), other.network(other.images))
    assert one.images.shape == (4, 3, 32, 32)
    assert one.images.min() >= 0
    assert one.images.max() <= 1
    moment = next(buffer for name, buffer in one.network.named_buffers() if name.endswith("num_batches_tracked"))
    assert moment == 21
