import json
from pathlib import Path

import pytest
import torch

from benchmarks.attacks import PRESETS
from benchmarks.cases import BFLOAT16, EXACT
from benchmarks.problem import make_problem

CONFIGS = Path(__file__).resolve().parents[2] / "bundle" / "configs"


@pytest.mark.parametrize(
    ("name", "case"), [("train.json", EXACT), ("evaluate.json", EXACT), ("reduced_precision.json", BFLOAT16)]
)
def test_the_accelerations_are_those_of_the_configs(name, case):
    assert json.loads((CONFIGS / name).read_text())["accelerations"] == PRESETS[case]


def test_a_problem_is_the_same_for_the_same_seed_and_has_settled_statistics():
    one, other = (make_problem("resnet18", 32, 4, torch.device("cpu"), seed=1) for _ in range(2))
    assert torch.equal(one.images, other.images)
    assert torch.equal(one.network(one.images), other.network(other.images))
    assert one.images.shape == (4, 3, 32, 32)
    assert one.images.min() >= 0
    assert one.images.max() <= 1
    batches = next(buffer for name, buffer in one.network.named_buffers() if name.endswith("num_batches_tracked"))
    assert batches == 21
