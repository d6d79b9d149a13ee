import numpy as np
import pytest
from PIL import Image

from custom.handlers import History, LearningCurves
from custom.handlers.learning_curves import draw

ROWS = [
    {
        "epoch": 1,
        "loss": 1.0,
        "loss_clean": 0.8,
        "epsilon_mean": 0.3,
        "epsilon_std": 0.1,
        "val_accuracy_clean": 0.5,
    },
    {"epoch": 2, "loss": 0.5, "loss_clean": 0.4, "epsilon_mean": 0.4, "epsilon_std": 0.2},
]


def lines(panel):
    return {line.get_label(): line.get_ydata() for line in panel.lines}


def test_panels_show_the_numbers():
    losses, accuracies, radii = draw(ROWS).axes
    assert set(lines(losses)) == {"loss", "on clean images"}
    np.testing.assert_array_equal(lines(losses)["loss"], [1.0, 0.5])
    np.testing.assert_array_equal(lines(accuracies)["validation, clean"], [0.5, np.nan])
    np.testing.assert_array_equal(lines(radii)["mean"], [0.3, 0.4])
    band = radii.collections[0].get_paths()[0].vertices
    assert band[:, 1].min() == pytest.approx(0.2)
    assert band[:, 1].max() == pytest.approx(0.6)


def test_without_radii_there_is_no_panel_for_them():
    assert len(draw([{"epoch": 1, "loss": 1.0}]).axes) == 2


def test_written_after_epochs_and_at_the_end_and_nothing_beside(tiny_training, monkeypatch):
    drawn = []
    monkeypatch.setattr(
        "custom.handlers.learning_curves.draw", lambda rows: drawn.append([row["epoch"] for row in rows]) or draw(rows)
    )
    seconds = iter([0, 4, 10, 10, 19.9, 25])  # at the start, after each epoch, and at each drawing

    def handlers(parts):
        history = History(str(parts.output_dir), parts.evaluator)
        return [history, LearningCurves(history, clock=lambda: next(seconds))]

    parts = tiny_training(handlers, epochs=3)
    parts.trainer.run()
    assert drawn == [[1, 2], [1, 2, 3]]
    with Image.open(parts.output_dir / "learning_curves.png") as picture:
        assert picture.size == (1200, 480)
        assert np.asarray(picture.convert("L")).std() > 5
    assert not [path for path in parts.output_dir.iterdir() if path.name.startswith(".")]
