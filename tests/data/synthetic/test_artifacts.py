import numpy as np
import pytest

from custom.data.synthetic.artifacts import add_bubbles, add_hair, add_ruler, add_vignette, pixel_grid


@pytest.mark.parametrize("add", [add_hair, add_ruler])
def test_lines_darken_a_part_of_the_image(add):
    image = np.full((96, 96, 3), 0.8, np.float32)
    for seed in range(10):
        result = add(image, np.random.default_rng(seed))
        assert result.shape == image.shape
        assert result.max() <= 0.8 + 1e-6
        assert 0 < (result < 0.79).mean() < 0.9


def test_bubbles_change_little_and_vignettes_darken_the_corners():
    image = np.full((96, 96, 3), 0.6, np.float32)
    for seed in range(10):
        assert 0 < np.abs(add_bubbles(image, np.random.default_rng(seed)) - image).mean() < 0.1
    corners, centers = [], []
    for seed in range(20):
        result = add_vignette(image, np.random.default_rng(seed))
        corners.append(result[[0, 0, -1, -1], [0, -1, 0, -1]].mean())
        centers.append(result[48, 48].mean())
    assert np.mean(corners) < np.mean(centers) - 0.03


def test_pixel_grid_has_pixel_centers():
    x, y = pixel_grid(4)
    np.testing.assert_allclose(x[0], [-0.75, -0.25, 0.25, 0.75])
    np.testing.assert_allclose(y[:, 0], x[0])
