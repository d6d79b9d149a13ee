import math

import pytest
import torch

from custom.radius import mwpb_radius

PROBABILITIES = torch.tensor([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [1.0, 0.0, 0.0]], dtype=torch.float64)


def test_by_hand():
    # Margins 0.5, 0.3 - 0.6 and 0 - 1.
    found = mwpb_radius(PROBABILITIES, torch.tensor([0, 1, 2]), epsilon=0.3)
    expected = [0.3 * math.exp(0.25), 0.3 * math.exp(-0.15), 0.3 * math.exp(-0.5)]
    assert found.tolist() == pytest.approx(expected, abs=1e-15)
    assert mwpb_radius(PROBABILITIES, torch.tensor([0, 1, 2]), epsilon=0.3, alpha=0.0).tolist() == [0.3] * 3


@pytest.mark.parametrize("name", ["epsilon", "alpha"])
def test_bad_values(name):
    with pytest.raises(ValueError, match=f"{name} must be a number of at least 0, got -0.1"):
        mwpb_radius(PROBABILITIES, torch.tensor([0, 1, 2]), **{"epsilon": 0.3, name: -0.1})
