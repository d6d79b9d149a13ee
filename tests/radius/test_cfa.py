import pytest
import torch

from custom.radius import cfa_radius


def test_by_hand():
    found = cfa_radius(torch.tensor([0.0, 0.5, 1.0], dtype=torch.float64), epsilon=0.3)
    assert found.tolist() == pytest.approx([0.15, 0.3, 0.45])


@pytest.mark.parametrize("name", ["epsilon", "base"])
def test_bad_values(name):
    with pytest.raises(ValueError, match=f"{name} must be a number of at least 0, got -1"):
        cfa_radius(torch.tensor([0.5]), **{"epsilon": 0.3, name: -1})
