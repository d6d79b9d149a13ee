import matplotlib
import numpy as np

from custom.report.explanation_grid import Cell, explanation_grid, overlay
from custom.report.style import figure_png


def test_overlay_shows_the_image_at_unimportant_places():
    image = np.random.default_rng(0).random((3, 2, 2))
    saliency = np.array([[0.0, 0.0], [0.0, 1.0]])
    colors = overlay(image, saliency)
    np.testing.assert_allclose(colors[0], image[:, 0].T)
    color = np.array(matplotlib.colormaps["turbo"](1.0)[:3])
    np.testing.assert_allclose(colors[1, 1], 0.4 * image[:, 1, 1] + 0.6 * color)


def test_a_volume_is_cut_at_the_slice_with_most_weight():
    volume = np.random.default_rng(0).random((1, 4, 5, 3))
    saliency = np.zeros((4, 5, 3))
    saliency[0, 0, 2] = 1.0
    colors = overlay(volume, saliency)
    assert colors.shape == (4, 5, 3)
    np.testing.assert_allclose(colors[1, 1], np.repeat(volume[0, 1, 1, 2], 3))


def test_grid():
    image, saliency = np.full((3, 8, 8), 0.5), np.eye(8)
    mask = np.zeros((8, 8))
    mask[2:6, 2:6] = 1
    # Models of different sizes have their own images.
    small = Cell(np.full((3, 4, 4), 0.5), np.zeros((4, 4)), None, "predicted NV")
    rows = {
        "MEL": {"std": Cell(image, saliency, mask, "predicted MEL"), "at": Cell(image, saliency, mask)},
        "NV": {"at": small},
    }
    figure = explanation_grid(rows, ["std", "at"], "Grad-CAM")
    grid = figure.axes[:6]
    assert [axis.get_title() for axis in grid[:3]] == ["image", "std", "at"]
    assert [axis.get_ylabel() for axis in (grid[0], grid[3])] == ["MEL", "NV"]
    assert grid[1].get_xlabel() == "predicted MEL"
    # An outline in the first row only: one in black below one in white, on each image.
    assert [len(axis.collections) for axis in grid] == [2, 2, 2, 0, 0, 0]
    assert not grid[4].images
    assert [[text.get_text() for text in axis.texts] for axis in grid] == [[], [], [], [], [], ["map is 0"]]
    assert grid[5].images[0].get_array().shape[:2] == (4, 4)
    assert figure.get_supxlabel() == "Grad-CAM"


def test_no_text_is_a_formula():
    cell = Cell(np.zeros((3, 4, 4)), np.eye(4), None, r"predicted $\frac{$")
    figure = explanation_grid({r"$x^$\nimage_1": {"a $\\b$": cell}}, ["a $\\b$"], r"$\undefined")
    assert figure_png(figure).startswith(b"\x89PNG")


def test_no_rows_are_a_figure():
    assert figure_png(explanation_grid({}, ["std"])).startswith(b"\x89PNG")
