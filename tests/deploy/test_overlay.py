import matplotlib
import numpy as np
import pytest

from deploy.overlay import draw_overlay
from tests.deploy.conftest import a_finding


def test_no_evidence_leaves_the_image_and_much_of_it_is_colored() -> None:
    saliency = np.zeros((6, 6))
    saliency[0, :] = 1
    picture = draw_overlay(a_finding(), saliency)
    assert picture.shape == (90, 120, 3)
    assert picture.dtype == np.uint8
    assert (picture[40:60] == 128).all()
    strongest = np.array(matplotlib.colormaps["turbo"](1.0)[:3]) * 255
    assert picture[0, 0] == pytest.approx(0.4 * 128 + 0.6 * strongest, abs=1)


def test_the_map_covers_the_whole_image() -> None:
    saliency = np.zeros((2, 2))
    saliency[0, 1] = 1
    picture = draw_overlay(a_finding(), saliency).astype(int)
    changed = np.abs(picture[:60] - 128).sum(-1)
    assert changed[:30, 90:].min() > 0
    assert changed[:, :30].max() == 0


def test_the_notices_are_written_below_and_tell_unstable_from_stable() -> None:
    stable, unstable = (draw_overlay(a_finding(stable=flag), np.zeros((4, 4))) for flag in (True, False))
    assert (stable[-1] < 128).all()
    assert not np.array_equal(stable, unstable)
    assert np.array_equal(stable[:60], unstable[:60])


@pytest.mark.parametrize("shape", [(1, 1, 3), (8, 500, 3), (500, 8, 3)])
def test_any_size_can_be_drawn(shape: tuple[int, ...]) -> None:
    assert draw_overlay(a_finding(pixels=np.zeros(shape, np.uint8)), np.ones((4, 4))).shape == shape
