import pytest

from custom.evaluation.result_folder import result_folder


def test_replaces_results_as_a_whole_and_carries_finished_attacks_over(tmp_path):
    output = tmp_path / "evaluation"
    (output / "attacks").mkdir(parents=True)
    (output / "attacks" / "fgsm.npz").write_text("finished")
    (output / "metrics.json").write_text("old")
    (output / "report.html").write_text("old")
    with result_folder(output) as folder:
        (folder / "metrics.json").write_text("new")
        assert (output / "metrics.json").read_text() == "old"
    assert sorted(path.name for path in output.iterdir()) == ["attacks", "metrics.json"]
    assert (output / "metrics.json").read_text() == "new"
    assert (output / "attacks" / "fgsm.npz").read_text() == "finished"
    assert list(tmp_path.iterdir()) == [output]


def test_an_error_leaves_what_was_there(tmp_path):
    output = tmp_path / "evaluation"
    output.mkdir()
    (output / "metrics.json").write_text("old")

    def fail_halfway():
        with result_folder(output) as folder:
            (folder / "metrics.json").write_text("new")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_halfway()
    assert (output / "metrics.json").read_text() == "old"
    assert list(tmp_path.iterdir()) == [output]


def test_a_folder_with_other_things_is_never_replaced(tmp_path):
    (tmp_path / "thesis.tex").write_text("precious")
    with pytest.raises(ValueError, match=r"holds other files than results \(thesis.tex\)"):
        result_folder(tmp_path).__enter__()
    with pytest.raises(ValueError, match="is a file"):
        result_folder(tmp_path / "thesis.tex").__enter__()
    assert (tmp_path / "thesis.tex").read_text() == "precious"
