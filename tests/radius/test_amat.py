import json
from pathlib import Path

import pytest
import torch

from custom.radius import amat_radius

VECTORS = json.loads((Path(__file__).parents[1] / "fixtures" / "vectors.json").read_text())["radius_amat"]


def tensor(values):
    return torch.tensor(values, dtype=torch.float64)


@pytest.mark.parametrize("case", VECTORS)
def test_check_numbers(case):
    found = amat_radius(
        tensor(case["own_epsilon"]),
        tensor(case["loss_adv"]),
        tensor(case["norm"]),
        xi=case["xi"],
        delta_epsilon=case["delta_epsilon"],
        epsilon_max=2 * case["epsilon"],
    )
    torch.testing.assert_close(found, tensor(case["expected"]), rtol=0, atol=1e-12)


def test_by_hand():
    # Easy: 0.3 + 0.03. Hard: (0.3 + 0.2) / 2. A loss of exactly xi is hard. Easy near the bound: clamped.
    found = amat_radius(
        tensor([0.3, 0.3, 0.3, 0.59]),
        tensor([0.5, 2.0, 1.0, 0.1]),
        tensor([0.3, 0.2, 0.1, 0.5]),
        xi=1.0,
        delta_epsilon=0.03,
        epsilon_max=0.6,
    )
    torch.testing.assert_close(found, tensor([0.33, 0.25, 0.2, 0.6]))


@pytest.mark.parametrize("key", ["delta_epsilon", "epsilon_max"])
def test_negative_lengths_are_refused(key):
    lengths = {"delta_epsilon": 0.03, "epsilon_max": 0.6, key: -0.1}
    with pytest.raises(ValueError, match=f"{key} must be a number of at least 0, got -0.1"):
        amat_radius(tensor([0.3]), tensor([1]), tensor([0.3]), xi=1.0, **lengths)
