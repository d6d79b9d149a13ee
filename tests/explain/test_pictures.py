import matplotlib
import numpy as np

from custom.explain import SheetRow, explanation_sheet, overlay


def test_overlay_shows_the_image_where_nothing_is_important():
    image = np.random.default_rng(0).random((3, 2, 2))
    saliency = np.array([[0.0, 0.0], [0.0, 1.0]])
    picture = overlay(image, saliency)
    np.testing.assert_allclose(picture[0], image[:, 0].T)
    colour = np.array(matplotlib.colormaps["turbo"](1.0)[:3])
    np.testing.assert_allclose(picture[1, 1], 0.4 * image[:, 1, 1] + 0.6 * colour)


def test_a_volume_is_cut_where_its_map_has_most_weight():
    volume = np.random.default_rng(0).random((1, 4, 5, 3))
    saliency = np.zeros((4, 5, 3))
    saliency[0, 0, 2] = 1.0
    picture = overlay(volume, saliency)
    assert picture.shape == (4, 5, 3)
    np.testing.assert_allclose(picture[1, 1], np.repeat(volume[0, 1, 1, 2], 3))


def test_sheet():
    image, saliency = np.full((3, 8, 8), 0.5), np.eye(8)
    mask = np.zeros((8, 8))
    mask[2:6, 2:6] = 1
    rows = [
        SheetRow("MEL", image, mask, {"std": saliency, "at": saliency}, {"std": "predicted MEL"}),
        SheetRow("NV", image, None, {"std": saliency, "at": None}, {}),
    ]
    figure = explanation_sheet(rows, ["std", "at"])
    grid = figure.axes[:6]
    assert [axis.get_title() for axis in grid[:3]] == ["image", "std", "at"]
    assert [axis.get_ylabel() for axis in (grid[0], grid[3])] == ["MEL", "NV"]
    assert grid[1].get_xlabel() == "predicted MEL"
    # An outline in the first row alone: one in black below one in white, on each picture.
    assert [len(axis.collections) for axis in grid] == [2, 2, 2, 0, 0, 0]
    assert not grid[5].images
