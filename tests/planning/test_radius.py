import numpy as np
import pytest

from custom.planning.radius import SmallestRadii, run_for_plan, smallest_radii
from custom.runs import Run

RADII = SmallestRadii("l2", np.array([0.0, 0.1, 0.2, 0.3, np.inf]))


def test_accuracy_falls_at_each_images_radius():
    assert [RADII.accuracy(epsilon) for epsilon in (0, 0.05, 0.1, 0.25, 9)] == [0.8, 0.8, 0.6, 0.4, 0.2]


def test_the_radius_of_a_share_of_clean_accuracy():
    assert RADII.radius_at(0.5) == 0.2  # 2 of 4 are left
    assert RADII.radius_at(0.75) == 0.1
    assert RADII.radius_at(0.6) == 0.2  # 3 would be too many
    assert RADII.radius_at(0.25) == 0.3
    assert RADII.radius_at(0.2) is None  # the last one was never fooled
    assert SmallestRadii("l2", np.zeros(3)).radius_at(0.5) is None
    for share in (0.25, 0.5, 0.75):
        assert RADII.accuracy(RADII.radius_at(share)) <= share * RADII.accuracy(0)


def test_a_trained_network_is_attacked_in_both_norms(run, synthetic_data):
    found = smallest_radii(Run.read(run, synthetic_data), images=6)
    assert [entry.norm for entry in found] == ["l2", "linf"]
    assert all(entry.radii.shape == (3,) for entry in found)  # as many as there are
    l2, linf = (entry.radii for entry in found)
    assert np.array_equal(l2 == 0, linf == 0)
    both = np.isfinite(l2) & np.isfinite(linf) & (l2 > 0)
    # No value changes by more than the l2 norm, and none can change by less than the l2 norm spread evenly.
    assert (linf[both] < l2[both]).all()
    assert (l2[both] < linf[both] * (3 * 48 * 48) ** 0.5 * 2).all()


def test_radii_are_read_off_standard_trainings_of_the_same_classes(run, synthetic_data):
    with pytest.raises(ValueError, match="was trained by at; a radius is chosen with a network trained by std"):
        run_for_plan(run, synthetic_data)
