import numpy as np
import pytest

from custom.report.figures import (
    Line,
    amplification,
    confusion_matrix_figure,
    example_figure,
    heat_map_figure,
    intervals_figure,
    lines_figure,
    reliability_figure,
)
from custom.report.sections.radius_curve import curve_figure
from custom.report.style import figure_png

from .records import NAMES, confusion, curve, interval


def test_confusion_matrix_shows_shares_and_counts():
    axis = confusion_matrix_figure(confusion((9, 8, 7)), NAMES, "clean").axes[0]
    texts = [text.get_text() for text in axis.texts]
    assert texts == ["90%\n9", "10%\n1", "0%\n0", "0%\n0", "80%\n8", "20%\n2", "30%\n3", "0%\n0", "70%\n7"]
    assert axis.get_title() == "clean"


def test_many_classes_leave_no_room_for_counts():
    axis = confusion_matrix_figure(np.eye(7, dtype=int), [f"class number {i}" for i in range(7)], "clean").axes[0]
    assert axis.texts[0].get_text() == "100"


@pytest.mark.parametrize(("norm", "epsilon", "largest"), [("l2", 0.3, 0.6), ("linf", 1 / 255, 2)])
def test_curves_are_drawn_against_the_radius_in_the_units_of_the_norm(norm, epsilon, largest):
    axis = curve_figure({"pgd": curve(norm, "pgd", epsilon, 0.8, 0.2)}, norm, {"chance": 1 / 3}).axes[0]
    line = next(line for line in axis.lines if line.get_label() == "pgd")
    assert line.get_xdata() == pytest.approx(np.linspace(0, largest, 5))
    assert line.get_ydata() == pytest.approx([80, 65, 50, 35, 20])
    assert next(line for line in axis.lines if line.get_label() == "chance").get_ydata() == pytest.approx([100 / 3] * 2)


def test_reliability_leaves_out_empty_bins():
    bins = {"accuracy": [None, 0.3], "images": [0, 10]}
    axis = reliability_figure(bins, "clean").axes[0]
    assert [patch.get_height() for patch in axis.patches if hasattr(patch, "get_height")] == pytest.approx([0.3])


def test_intervals_are_drawn_where_there_are_any():
    figure = intervals_figure(["a", "b"], {"clean": [interval(0.5), None]}, title="t", xlabel="x")
    (points,) = figure.axes[0].containers
    assert points.lines[0].get_xdata() == pytest.approx([50])
    bars = points.lines[2][0].get_segments()
    assert np.array(bars[0])[:, 0] == pytest.approx([45, 55])


def test_heat_map_writes_what_is_known():
    axis = heat_map_figure([[0.5, np.nan]], ["a"], ["b", "c"], title="t", xlabel="x").axes[0]
    assert [text.get_text() for text in axis.texts] == ["50"]


@pytest.mark.parametrize(("size", "factor"), [(0.001, 500), (0.004, 100), (0.02, 10), (0.0, 1)])
def test_the_factor_of_amplification(size, factor):
    assert amplification(np.full((2, 3, 8, 8), size)) == pytest.approx(factor)


@pytest.mark.parametrize("shape", [(3, 8, 8), (1, 8, 8), (1, 4, 5, 6)])
def test_example_shows_the_amplified_change_and_both_predictions(shape):
    image = np.full(shape, 0.5, dtype=np.float32)
    clean, attacked = np.array([0.8, 0.1, 0.1]), np.array([0.1, 0.8, 0.1])
    figure = example_figure(image, image + np.float32(0.001), 100, 0, clean, attacked, NAMES)
    before, change, after = figure.axes
    assert (before.get_title(), after.get_title()) == ("clean:\nMEL 80%", "attacked:\nBKL 80%")
    assert change.get_title().startswith("change x 100")
    shown = np.asarray(change.images[0].get_array())
    assert shown == pytest.approx(np.full(shown.shape, 0.6), abs=1e-3)
    assert before.title.get_color() != after.title.get_color()


def test_a_name_with_dollar_signs_is_no_formula():
    figure = lines_figure({"$\\oops$": Line([0, 1], [0, 1])}, title="$x_$", xlabel="$", ylabel="$y$")
    assert figure_png(figure).startswith(b"\x89PNG")


def test_png_is_the_same_every_time_and_twice_as_wide_as_a_phone_shows():
    first, second = (figure_png(confusion_matrix_figure(confusion((9, 8, 7)), NAMES, "clean")) for _ in range(2))
    assert first == second
    assert int.from_bytes(first[16:20], "big") == 720
