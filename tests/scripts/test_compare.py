import pytest

from scripts.compare import main
from tests.report.evaluations import metrics, write_evaluation


@pytest.fixture
def runs(tmp_path):
    """Two evaluated trainings: the folder of one itself, of the other its evaluation."""
    for name, l2 in (("std", (1, 1, 1)), ("dpaat", (8, 8, 8))):
        write_evaluation(tmp_path / name / "evaluation", metrics(clean=(8, 8, 8), l2=l2))
    return [str(tmp_path / "std"), str(tmp_path / "dpaat" / "evaluation")]


def test_three_files_and_a_sentence(runs, tmp_path, capsys):
    output = tmp_path / "comparison"
    assert main([*runs, "--output", str(output), "--resamples", "20"]) == 0
    assert sorted(path.name for path in output.iterdir()) == ["comparison.csv", "comparison.html", "comparison.md"]
    text = (output / "comparison.md").read_text()
    assert "| Images | std | dpaat |" in text
    assert "| 10.0 (5.0 to 15.0) | 80.0 (75.0 to 85.0); +70.0 (" in text
    assert '<a href="../std/evaluation/report.html">std</a>' in (output / "comparison.html").read_text()
    out = capsys.readouterr().out
    assert out.startswith("Most robust is dpaat: in the worst case within ℓ2 0.3 it is right on 80 of 100 images")
    assert out.endswith(f"Compared 2 evaluations: {output / 'comparison.html'}\n")


def test_names(runs, tmp_path, capsys):
    assert main([*runs, "--names", "one", "two", "--output", str(tmp_path / "c"), "--resamples", "5"]) == 0
    assert "| Images | one | two |" in (tmp_path / "c" / "comparison.md").read_text()
    with pytest.raises(SystemExit):
        main([*runs, "--names", "one"])
    assert main([*runs, "--names", "one", "one", "--output", str(tmp_path / "d")]) == 1
    assert "Two models are named 'one'; pass different names." in capsys.readouterr().err


def test_bad_runs_get_one_sentence_and_nothing_is_written(runs, tmp_path, capsys):
    assert main([runs[0], str(tmp_path / "nowhere"), "--output", str(tmp_path / "c")]) == 1
    assert "holds no metrics.json; pass the folder of a finished evaluation." in capsys.readouterr().err
    assert main([runs[0], "--output", str(tmp_path / "c")]) == 1
    assert not (tmp_path / "c").exists()
