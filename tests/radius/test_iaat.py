import pytest
import torch

from custom.radius import iaat_radius

NO, YES = torch.tensor([False]), torch.tensor([True])


@pytest.mark.parametrize(
    ("clean", "own", "larger", "tried"),
    [
        (YES, YES, YES, 0.4),
        (YES, NO, YES, 0.4),  # the larger ball decides first
        (YES, YES, NO, 0.3),
        (YES, NO, NO, 0.2),
        (NO, YES, YES, 0.0),
        (NO, NO, NO, 0.0),
    ],
)
def test_every_case_by_hand(clean, own, larger, tried):
    epsilon = torch.tensor([0.3], dtype=torch.float64)
    whole = iaat_radius(epsilon, clean, own, larger, gamma=0.1, smoothing=1.0)
    assert whole.item() == pytest.approx(tried)
    smooth = iaat_radius(epsilon, clean, own, larger, gamma=0.1, smoothing=0.1)
    assert smooth.item() == pytest.approx(0.9 * 0.3 + 0.1 * tried)


def test_radii_never_fall_below_zero():
    assert iaat_radius(torch.tensor([0.05]), YES, NO, NO, gamma=0.1, smoothing=1.0).item() == 0.0


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("gamma", -0.1, "gamma must be a number of at least 0, got -0.1"),
        ("smoothing", 2, r"smoothing must be in \[0, 1\], got 2"),
    ],
)
def test_bad_values(name, value, message):
    with pytest.raises(ValueError, match=message):
        iaat_radius(torch.tensor([0.3]), YES, YES, YES, **{"gamma": 0.1, "smoothing": 0.1, name: value})
