import numpy as np
import pytest

from custom.report import (
    Examples,
    accuracy_curve,
    confusion_matrices,
    example_sheet,
    figure_png,
    reliability_diagrams,
)

from .summaries import ATTACKED, CLEAN, NAMES, summary


def test_confusion_matrix_shows_shares_and_counts():
    figure = confusion_matrices({"clean": CLEAN, "pgd20": ATTACKED["pgd20"]}, NAMES)
    texts = [[text.get_text() for text in axis.texts] for axis in figure.axes]
    assert texts[0] == ["90%\n9", "10%\n1", "0%\n0", "0%\n0", "80%\n8", "20%\n2", "30%\n3", "0%\n0", "70%\n7"]
    assert texts[1][0] == "10%\n1"
    assert [axis.get_title() for axis in figure.axes] == ["clean", "pgd20"]


def test_curve_joins_clean_and_all_radii_of_an_attack():
    figure = accuracy_curve(summary())
    l2, linf = figure.axes
    lines = {line.get_label(): line for line in [*l2.lines, *linf.lines]}
    assert lines["pgd20"].get_xdata() == pytest.approx([0, 0.3])
    assert lines["pgd20"].get_ydata() == pytest.approx([80, 30])
    assert lines["fgsm"].get_xdata() == pytest.approx([0, 1, 2])
    assert lines["fgsm"].get_ydata() == pytest.approx([80, 50, 0])
    assert "1/255" in linf.get_xlabel()


def test_reliability_states_the_calibration_error():
    # Every confidence is 0.8 and 80 % are right, then 30 %: the root of 0.5^2 - 0.3 * 0.7 / 29.
    figure = reliability_diagrams({"clean": CLEAN, "pgd20": ATTACKED["pgd20"]})
    titles = [axis.get_title() for axis in figure.axes]
    assert titles == ["clean\ncalibration error 0.0%", "pgd20\ncalibration error 49.3%"]
    heights = [patch.get_height() for patch in figure.axes[1].patches if hasattr(patch, "get_height")]
    assert heights == pytest.approx([0.3])


@pytest.mark.parametrize(
    ("shape", "size", "factor"),
    [((3, 8, 8), 0.001, 500), ((1, 8, 8), 0.004, 100), ((1, 4, 5, 6), 0.02, 10), ((3, 8, 8), 0.0, 1)],
)
def test_example_sheet_states_the_amplification_that_it_uses(shape, size, factor):
    images = np.full((2, *shape), 0.5, dtype=np.float32)
    examples = Examples(
        images,
        images + np.float32(size),
        ["a", "b"],
        np.array([0, 1]),
        np.array([[0.8, 0.1, 0.1]] * 2),
        np.array([[0.1, 0.8, 0.1]] * 2),
    )
    figure = example_sheet(examples, NAMES)
    assert [axis.get_title().split(" (")[0] for axis in figure.axes[:3]] == [
        "clean: MEL 80%",
        f"perturbation x {factor}",
        "attacked: BKL 80%",
    ]
    shown = np.asarray(figure.axes[1].images[0].get_array())
    assert shown == pytest.approx(np.full(shown.shape, 0.5 + factor * size), abs=1e-3)
    # Right and mistaken predictions differ in colour.
    assert figure.axes[0].title.get_color() != figure.axes[2].title.get_color()


def test_png_is_the_same_every_time():
    first, second = (figure_png(confusion_matrices({"clean": CLEAN}, NAMES)) for _ in range(2))
    assert first.startswith(b"\x89PNG")
    assert first == second
