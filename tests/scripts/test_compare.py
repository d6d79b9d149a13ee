import json

import numpy as np
import pytest

from custom.evaluation.summary import summarize
from custom.metrics import Predictions, write_predictions
from scripts.compare import main


@pytest.fixture
def runs(tmp_path):
    """Two evaluations, of which the second has its results in a folder inside."""
    folders = []
    for name, right in (("std", 6), ("dpaat", 9)):
        labels = np.repeat([0, 1], 10)
        predicted = np.where(np.tile(np.arange(10), 2) < right, labels, 1 - labels)
        probabilities = np.eye(2)[predicted] * 0.6 + 0.2
        ids, zeros = np.array([f"image_{i}" for i in range(20)]), np.zeros(20)
        clean = Predictions(ids, ids, labels, probabilities, probabilities, zeros, zeros, (3, 8, 8), "da7a")
        folder = tmp_path / name if name == "std" else tmp_path / name / "evaluation"
        folder.mkdir(parents=True)
        summary = {
            "schema": 2,
            "model": {"name": name},
            "classes": ["A", "B"],
            "data": {"image_shape": [3, 8, 8], "sha256": "da7a"},
            **summarize(clean, [], {}, ["A", "B"], resamples=5),
        }
        (folder / "metrics.json").write_text(json.dumps(summary))
        write_predictions(folder / "predictions.csv", clean, {}, ["A", "B"])
        folders.append(str(tmp_path / name))
    return folders


def test_three_files(runs, tmp_path, capsys):
    output = tmp_path / "comparison"
    assert main([*runs, "--output", str(output), "--resamples", "20"]) == 0
    assert sorted(path.name for path in output.iterdir()) == [
        "comparison.csv",
        "comparison.html",
        "comparison.md",
    ]
    assert "| clean | 60.0 (" in (output / "comparison.md").read_text()
    assert "; +30.0 (" in (output / "comparison.md").read_text()
    assert "Compared 2 evaluations" in capsys.readouterr().out


def test_names(runs, tmp_path):
    assert main([*runs, "--names", "one", "two", "--output", str(tmp_path / "c"), "--resamples", "5"]) == 0
    assert "| attack | one | two |" in (tmp_path / "c" / "comparison.md").read_text()
    with pytest.raises(SystemExit):
        main([*runs, "--names", "one"])


def test_bad_runs_get_one_sentence_and_nothing_is_written(runs, tmp_path, capsys):
    assert main([runs[0], str(tmp_path / "nowhere"), "--output", str(tmp_path / "c")]) == 1
    assert "holds no metrics.json; pass the folder of a finished evaluation." in capsys.readouterr().err
    assert main([runs[0], "--output", str(tmp_path / "c")]) == 1
    assert not (tmp_path / "c").exists()
