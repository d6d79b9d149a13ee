"""Each form of data goes by the command from files to a datalist whose images the training's transforms read."""

import csv
import io
import json
import subprocess
import sys
import zipfile
from collections import Counter

import numpy as np
import pytest
from monai.bundle import ConfigParser
from PIL import Image

pytest.importorskip("pydicom", reason="pydicom reads DICOM")

from custom.data import class_names, intensity_window, load_datalist
from scripts.prepare import main
from tests.deploy.dicom_files import photograph, write

SPLITS = ("training", "validation", "test")


def noise(seed, shape=(12, 9, 3)):
    return np.random.default_rng(seed).integers(0, 255, shape, dtype=np.uint8)


def picture(path, seed, shape=(12, 9, 3)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(noise(seed, shape)).save(path)


def stored(seed):
    file = io.BytesIO()
    Image.fromarray(noise(seed)).save(file, "JPEG")
    return file.getvalue()


def split_folders(root):
    for split, number in (("train", 12), ("val", 4), ("test", 6)):
        for seed in range(number):
            picture(root / split / ("NORMAL", "PNEUMONIA")[seed % 2] / f"{split}{seed}.jpeg", hash_of(split, seed))
    return [root], {"training": 12, "validation": 4, "test": 6}


def hash_of(*parts):
    return sum(ord(letter) * 257**place for place, letter in enumerate("".join(map(str, parts)))) % 2**31


def table_with_patients(root):
    for seed in range(20):
        picture(root / "scans" / f"{seed}.png", seed, (12, 9))
    rows = [(f"scans/{seed}.png", ("x", "y")[seed % 2], f"P{seed // 2}") for seed in range(20)]
    with (root / "labels.tsv").open("w", newline="") as file:
        csv.writer(file, delimiter="\t").writerows([("Image", "Diagnosis", "Patient ID"), *rows])
    return [root / "labels.tsv"], {"training": 14, "validation": 2, "test": 4}


def one_hot_archives(root):
    root.mkdir()
    with zipfile.ZipFile(root / "ISIC_Training_Input.zip", "w") as archive:
        for seed in range(20):
            archive.writestr(f"input/ISIC_{seed:07}.jpg", stored(seed))
    rows = [(f"ISIC_{seed:07}", float(seed % 2 == 0), float(seed % 2 == 1), 0.0) for seed in range(20)]
    with (root / "GroundTruth.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("image", "MEL", "NV", "UNK"), *rows])
    return [root / "ISIC_Training_Input.zip", root / "GroundTruth.csv"], {"training": 14, "validation": 2, "test": 4}


def breakhis(root):
    for seed in range(20):
        kind = ("B_A", "M_DC")[seed % 2]
        picture(root / kind / "40X" / f"SOB_{kind}-14-{1000 + seed // 2 * 2 + seed % 2}-40-{seed:03}.png", seed)
        picture(root / kind / "100X" / f"SOB_{kind}-14-{1000 + seed // 2 * 2 + seed % 2}-100-{seed:03}.png", 100 + seed)
    return [root, "--magnification", "40"], {"training": 14, "validation": 2, "test": 4}


def medmnist(root):
    root.mkdir()
    arrays = {}
    for split, number in (("train", 10), ("val", 4), ("test", 6)):
        arrays[f"{split}_images"] = np.stack([noise(hash_of(split, seed), (28, 28)) for seed in range(number)])
        arrays[f"{split}_labels"] = np.arange(number)[:, None] % 2
    np.savez_compressed(root / "breastmnist.npz", **arrays)
    return [root / "breastmnist.npz"], {"training": 10, "validation": 4, "test": 6}


def nih(root):
    for seed in range(20):
        picture(root / "images_001" / "images" / f"{seed:08}_000.png", seed, (12, 9))
    rows = [(f"{seed:08}_000.png", ("No Finding", "Effusion")[seed % 2], seed // 2) for seed in range(20)]
    with (root / "Data_Entry_2017.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("Image Index", "Finding Labels", "Patient ID"), *rows])
    (root / "train_val_list.txt").write_text("\n".join(name for name, *_ in rows[:16]))
    (root / "test_list.txt").write_text("\n".join(name for name, *_ in rows[16:]))
    return [root, "--validation", "0.25"], {"training": 12, "validation": 4, "test": 4}


def datalist(root):
    for seed in range(20):
        picture(root / "imagesTr" / f"{seed}.webp", seed)
    items = [{"image": f"imagesTr/{seed}.webp", "label": seed % 2} for seed in range(20)]
    (root / "dataset.json").write_text(json.dumps({"labels": {"0": "a", "1": "b"}, "training": items}))
    return [root / "dataset.json"], {"training": 14, "validation": 2, "test": 4}


def dicom(root):
    for seed in range(20):
        dataset = photograph(noise(seed), BodyPartExamined=("ARM", "LEG")[seed % 2], PatientID=f"P{seed // 2}")
        write(dataset, root / f"{seed}.ima")
    return [root, "--label-attribute", "BodyPartExamined"], {"training": 14, "validation": 2, "test": 4}


@pytest.mark.parametrize(
    "make", [split_folders, table_with_patients, one_hot_archives, breakhis, medmnist, nih, datalist, dicom]
)
def test_from_files_to_images_that_can_be_trained_on(make, tmp_path, root, capsys):
    arguments, expected = make(tmp_path / "in")
    output = tmp_path / "out"
    assert main([*map(str, arguments), "--output", str(output)]) == 0
    assert capsys.readouterr().out.startswith("Taken for ")
    splits = {split: load_datalist(output, split) for split in SPLITS}
    assert {split: len(items) for split, items in splits.items()} == expected
    assert all(set(Counter(item["label"] for item in items)) == {0, 1} for items in splits.values())
    groups = [{item["lesion_id"] for item in items} for items in splits.values()]
    assert len(set.union(*groups)) == sum(map(len, groups))
    assert len(class_names(output)) == 2
    assert intensity_window(output) == {"bits": 8, "low": 0, "high": 255}
    config = ConfigParser()
    config.read_config(root / "bundle" / "configs" / "train.json")
    config.update({"dataset_dir": str(output), "image_size": 8})
    load = config.get_parsed_content("validate#preprocessing")
    for item in splits["test"]:
        image = load(dict(item))["image"]
        assert image.shape == (3, 8, 8)
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
