import json
from pathlib import Path

import pytest
import torch

from custom.benchmark.problem import exact, make_problem, reduced

CONFIGS = Path(__file__).resolve().parents[2] / "bundle" / "configs"


def targets(name, key):
    return [item["_target_"].rpartition(".")[2] for item in json.loads((CONFIGS / name).read_text())[key]]


@pytest.mark.parametrize("name", ["train.json", "evaluate.json"])
def test_the_exact_accelerations_are_those_of_the_configs(name):
    assert [type(one).__name__ for one in exact()] == targets(name, "accelerations")


def test_the_reduced_ones_are_those_with_the_override():
    names = [type(one).__name__ for one in reduced()]
    assert names == targets("reduced_precision.json", "accelerations")
    assert [name for name in names if name in targets("train.json", "accelerations")] == targets(
        "train.json", "accelerations"
    )


def test_a_problem_is_the_same_for_the_same_seed_and_has_settled_statistics():
    one, other = (make_problem("resnet18", 32, 4, torch.device("cpu"), seed=1) for _ in range(2))
    assert torch.equal(one.images, other.images)
    assert torch.equal(one.network(one.images), other.network(other.images))
    assert one.images.shape == (4, 3, 32, 32)
    assert one.images.min() >= 0
    assert one.images.max() <= 1
    moment = next(buffer for name, buffer in one.network.named_buffers() if name.endswith("num_batches_tracked"))
    assert moment == 21
