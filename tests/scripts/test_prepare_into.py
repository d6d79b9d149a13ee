import csv
import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))

import prepare


def picture(path, seed):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 255, (8, 8, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)


@pytest.fixture
def ham10000(tmp_path):
    folder = tmp_path / "mine"
    with (folder.mkdir() or folder / "HAM10000_metadata.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["lesion_id", "image_id", "dx"])
        for number in range(60):
            name, kind = f"ISIC_{number:07d}", ("mel", "bkl", "nv")[number % 3]
            picture(folder / "part 1" / f"{name}.jpg", number)
            writer.writerow([f"HAM_{number:07d}", name, kind])
    return folder


def run(capsys, source, into):
    code = prepare.main([str(source), "--into", str(into)])
    captured = capsys.readouterr()
    return code, captured.out.splitlines(), captured.err


def test_ham10000_is_prepared_once(ham10000, tmp_path, capsys):
    into = tmp_path / "data"
    code, out, said = run(capsys, ham10000, into)
    assert (code, out) == (0, [str(into / "mine")])
    assert "Preparing" in said
    first = (into / "mine" / "datalist.json").read_text()
    assert json.loads(first)["labels"] == {"0": "MEL", "1": "BKL", "2": "NV"}
    assert sorted(path.name for path in into.iterdir()) == [".mine.source.json", "mine"]
    assert run(capsys, ham10000, into) == (0, out, "")


def test_changed_images_are_prepared_again(ham10000, tmp_path, capsys):
    into = tmp_path / "data"
    run(capsys, ham10000, into)
    with (ham10000 / "HAM10000_metadata.csv").open("a", newline="") as file:
        for number in range(60, 75):
            name, kind = f"ISIC_{number:07d}", ("mel", "bkl", "nv")[number % 3]
            picture(ham10000 / "part 2" / f"{name}.jpg", number)
            file.write(f"HAM_{number:07d},{name},{kind}\n")
    code, out, said = run(capsys, ham10000, into)
    assert (code, out) == (0, [str(into / "mine")])
    assert "Preparing" in said


def test_another_folder_of_the_same_name_gets_its_own(ham10000, tmp_path, capsys):
    into = tmp_path / "data"
    run(capsys, ham10000, into)
    shutil.copytree(ham10000, tmp_path / "other" / "mine")
    code, out, _ = run(capsys, tmp_path / "other" / "mine", into)
    assert (code, out) == (0, [str(into / "mine-2")])


def test_prepared_data_set_is_taken_as_it_is(tmp_path, capsys):
    (tmp_path / "datalist.json").write_text("{}")
    assert run(capsys, tmp_path, tmp_path / "data") == (0, [str(tmp_path)], "")


def test_class_folders(tmp_path, capsys):
    for name in ("benign", "malignant"):
        for number in range(20):
            picture(tmp_path / "mine" / name / f"{name}{number}.png", number + 100 * (name == "benign"))
    code, out, _ = run(capsys, tmp_path / "mine", tmp_path / "data")
    assert (code, out) == (0, [str(tmp_path / "data" / "mine")])


def test_missing_folder_and_empty_folder(tmp_path, capsys):
    code, out, said = run(capsys, tmp_path / "nowhere", tmp_path / "data")
    assert (code, out) == (1, [])
    assert said.endswith("nowhere does not exist; pass a folder with images.\n")
    (tmp_path / "empty").mkdir()
    code, out, said = run(capsys, tmp_path / "empty", tmp_path / "data")
    assert (code, out) == (1, [])
    assert said.strip()
    assert not (tmp_path / "data" / "empty").exists()
