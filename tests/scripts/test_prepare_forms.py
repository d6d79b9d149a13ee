"""Each form of data goes by the command from files to a datalist whose images the training's transforms read."""

import subprocess
import sys

import pytest
from monai.bundle import ConfigParser

pytest.importorskip("pydicom", reason="pydicom reads DICOM")

from custom.data import class_names, intensity_window, load_datalist
from scripts.prepare import main
from tests.scripts.forms import FORMS, VOLUME_FORMS, hash_of, medmnist_3d, picture, table_with_splits

SPLITS = ("training", "validation", "test")


@pytest.mark.parametrize("make", [*FORMS, *VOLUME_FORMS])
def test_from_files_to_images_that_can_be_trained_on(make, tmp_path, root, capsys):
    arguments, expected = make(tmp_path / "in")
    output = tmp_path / "out"
    assert main([*map(str, arguments), "--output", str(output)]) == 0
    assert capsys.readouterr().out.startswith("Taken for ")
    splits = {split: load_datalist(output, split) for split in SPLITS}
    assert {split: len(items) for split, items in splits.items()} == expected
    labels = set(range(len(class_names(output))))
    assert len(labels) >= 2
    assert all({item["label"] for item in items} == labels for items in splits.values())
    groups = [{item["lesion_id"] for item in items} for items in splits.values()]
    assert len(set.union(*groups)) == sum(map(len, groups))
    window = (
        {"bits": 16, "low": 0.0, "high": 4095.0} if make is table_with_splits else {"bits": 8, "low": 0, "high": 255}
    )
    volumes = make in VOLUME_FORMS
    if volumes:
        window = {"bits": 32, "low": 0, "high": 255 if make is medmnist_3d else 100}
    assert intensity_window(output) == window
    config = ConfigParser()
    config.read_config([root / "bundle" / "configs" / f"{name}.json" for name in ("train", *["volume"] * volumes)])
    config.update({"dataset_dir": str(output), "image_size": 8})
    load = config.get_parsed_content("validate#preprocessing")
    for item in splits["test"]:
        image = load(dict(item))["image"]
        assert image.shape == ((1, 8, 8, 8) if volumes else (3, 8, 8))
        assert 0 <= float(image.min()) < float(image.max()) <= 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["nowhere"],
        ["empty"],
        ["text.txt"],
        ["broken.csv"],
        ["broken.json"],
        ["broken.zip"],
        ["broken.npz"],
        ["classes", "--group-pattern", "("],
        ["classes", "--group-column", "x", "--table", "broken.csv"],
        ["classes", "--table", "nowhere.csv"],
        ["classes", "--table", "classes"],
        ["classes", "--classes", "a"],
        ["classes", "--classes", "a", "z"],
        ["classes", "--train", "0"],
        ["classes", "--train", "5", "--validation", "1", "--test", "1000000"],
        ["classes", "--validation", "nan"],
        ["classes", "--validation", "-1"],
        ["classes", "--test", "inf"],
        ["classes", "--window", "5", "5"],
        ["classes", "--window", "nan", "5"],
        ["classes", "--window", "0", "70000"],
        ["classes", "--label-attribute", "Nonsense"],
        ["classes", "--masks", "nowhere"],
        ["classes", "classes/a", "--table", "text.txt"],
        ["one"],
    ],
)
def test_bad_input_gets_one_sentence_and_leaves_nothing(arguments, tmp_path, monkeypatch, capsys):
    for name in ("classes/a", "classes/b", "one/a"):
        for seed in range(3):
            picture(tmp_path / name / f"{seed}.png", hash_of(name, seed))
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.txt").write_text("hello")
    (tmp_path / "broken.csv").write_bytes(b"\x00\x01\x02")
    (tmp_path / "broken.json").write_text('{"training": null}')
    for name in ("broken.zip", "broken.npz"):
        (tmp_path / name).write_bytes(b"PK\x03\x04")
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    assert main([*arguments, "--output", "out"]) == 1
    said = capsys.readouterr().err.splitlines()
    assert 1 <= len(said) <= 3
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("arguments", [["x"], ["x", "--output", "a", "--into", "b"], ["x", "--output", "a", "--nope"]])
def test_unknown_options_are_told_in_three_lines(root, arguments, tmp_path):
    command = [sys.executable, str(root / "scripts" / "prepare.py"), *arguments]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) <= 3
