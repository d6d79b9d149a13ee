from custom.data import load_datalist
from scripts.make_synthetic import main


def test_makes_a_data_set_once(tmp_path, capsys):
    arguments = ["--output", str(tmp_path / "set"), "--per-class", "10", "--size", "32", "--seed", "4"]
    assert main(arguments) == 0
    assert "21 training, 3 validation, 6 test images of 3 classes" in capsys.readouterr().out
    assert all("mask" in item for item in load_datalist(tmp_path / "set", "test", masks=True))
    assert main(arguments) == 1
    assert "--overwrite replaces it" in capsys.readouterr().err
    assert main([*arguments, "--overwrite"]) == 0


def test_an_impossible_number_is_one_sentence_and_leaves_nothing(tmp_path, capsys):
    assert main(["--output", str(tmp_path / "set"), "--per-class", "3"]) == 1
    assert "per_class is 3 and must be at least 10." in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
