import pytest
import torch

from custom.radius import ima_radius


def test_every_case_by_hand():
    own = torch.tensor([0.20, 0.29, 0.20, 0.20, 0.20], dtype=torch.float64)
    norm = torch.tensor([0.20, 0.29, 0.12, 0.00, 0.10], dtype=torch.float64)
    clean = torch.tensor([True, True, True, False, False])
    broken = torch.tensor([False, False, True, False, True])
    found = ima_radius(own, norm, clean, broken, delta_epsilon=0.03, epsilon_max=0.3)
    # Grown; grown and capped; onto the boundary; misclassified when clean, so left alone.
    assert found.tolist() == pytest.approx([0.23, 0.30, 0.12, 0.20, 0.20])


@pytest.mark.parametrize("name", ["delta_epsilon", "epsilon_max"])
def test_bad_values(name):
    one, yes = torch.ones(1), torch.tensor([True])
    with pytest.raises(ValueError, match=f"{name} must be a number of at least 0, got -1"):
        ima_radius(one, one, yes, yes, **{"delta_epsilon": 0.1, "epsilon_max": 0.3, name: -1})
