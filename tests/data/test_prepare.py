"""From files to a data set: what is refused, what is warned of, and what the training then reads."""

import csv
import json
import os

import numpy as np
import pytest
import torch
from monai.bundle import ConfigParser
from PIL import Image

from custom.data import class_names, data_hash, intensity_window, load_datalist
from custom.data.assign_splits import SplitOptions
from custom.data.forms import FormOptions
from custom.data.prepare import PrepareOptions, prepare


def noise(seed, low=0, high=255, dtype=np.uint8, shape=(8, 9)):
    return np.random.default_rng(seed).integers(low, high, shape, dtype=dtype)


@pytest.fixture
def mine(tmp_path):
    """Two classes of ten images that all differ."""
    for label, name in enumerate(("a", "b")):
        (tmp_path / "mine" / name).mkdir(parents=True)
        for number in range(10):
            Image.fromarray(noise(10 * label + number)).save(tmp_path / "mine" / name / f"{number}.png")
    return tmp_path / "mine"


def run(root, form=None, split=None, **more):
    output = root.parent / "out"
    prepare(PrepareOptions([root], output, form or FormOptions(), split or SplitOptions(), overwrite=True, **more))
    return json.loads((output / "datalist.json").read_text())


def refused(root, capsys, **more):
    with pytest.raises(ValueError, match="--skip-bad leaves them out"):
        run(root, **more)
    assert not (root.parent / "out").exists()
    return capsys.readouterr().err


def left_out(root):
    with (root.parent / "out" / "left_out.csv").open() as file:
        return {row["path"]: row["reason"] for row in csv.DictReader(file)}


def test_counts_in_are_counts_out(mine):
    (mine / "a" / "3.png").write_bytes(b"no image")
    (mine / "b" / "notes.txt").write_text("x")
    content = run(mine, skip_bad=True)
    used = sum(len(content[split]) for split in ("training", "validation", "test"))
    assert used == 19
    assert left_out(mine) == {
        "b/notes.txt": "it is not an image",
        "a/3.png": (
            "images that cannot be read: "
            "it is not an image that can be read (JPEG, PNG, TIFF, BMP, WebP, GIF, JPEG 2000 or DICOM)"
        ),
    }


def test_sixteen_bit_images_reach_the_network_by_their_window(mine, root):
    for label, name in enumerate(("a", "b")):
        for number in range(10):
            values = noise(number, 9000 + 29000 * label, 12000 + 29000 * label, np.uint16)
            Image.fromarray(values).save(mine / name / f"{number}.png")
    content = run(mine)
    assert content["intensity"] == {"bits": 16, "low": 0.0, "high": 65535.0}
    config = ConfigParser()
    config.read_config(root / "bundle" / "configs" / "train.json")
    config["dataset_dir"], config["image_size"] = str(mine.parent / "out"), 8
    load = config.get_parsed_content("validate#preprocessing")
    for item in load_datalist(mine.parent / "out", "test"):
        image = load(dict(item))["image"]
        values = np.array(Image.open(item["image"])).astype(np.float64)
        assert image.shape == (3, 8, 8)
        assert float(image.mean()) == pytest.approx(values.mean() / 65535, abs=0.002)
        assert torch.equal(image[0], image[2])


def test_the_window_follows_the_largest_value_or_the_user(mine):
    for name in ("a", "b"):
        for number in range(10):
            Image.fromarray(noise(100 * ord(name) + number, 0, 4000, np.uint16)).save(mine / name / f"{number}.png")
    assert run(mine)["intensity"] == {"bits": 16, "low": 0.0, "high": 4095.0}
    assert run(mine, window=(100, 2000))["intensity"] == {"bits": 16, "low": 100, "high": 2000}
    assert intensity_window(mine.parent / "out") == {"bits": 16, "low": 100, "high": 2000}
    first = data_hash(mine.parent / "out")
    run(mine, window=(100, 3000))
    assert data_hash(mine.parent / "out") != first


def test_float_images_need_a_window(mine):
    for name in ("a", "b"):
        for number in range(10):
            values = noise(100 * ord(name) + number).astype(np.float32) - 100
            Image.fromarray(values).save(mine / name / f"{number}.tif")
            (mine / name / f"{number}.png").unlink()
    with pytest.raises(ValueError, match=r"32 bits and values from -100 to 154; say with --window LOW HIGH"):
        run(mine)
    assert run(mine, window=(-100, 155))["intensity"] == {"bits": 32, "low": -100, "high": 155}


def test_images_of_other_bits_than_most_are_named(mine, capsys):
    Image.fromarray(noise(0, 0, 60000, np.uint16)).save(mine / "b" / "4.png")
    assert "images without the 8 bits per sample of the others (1): b/4.png" in refused(mine, capsys)


def test_identical_files_under_two_labels_are_refused_by_name(mine, capsys):
    (mine / "b" / "copy.png").write_bytes((mine / "a" / "3.png").read_bytes())
    message = refused(mine, capsys)
    assert "identical files with different labels (1): a/3.png (a) = b/copy.png (b)" in message
    content = run(mine, skip_bad=True)
    ids = {item["image_id"] for split in ("training", "validation", "test") for item in content[split]}
    assert not ids & {"a/3.png", "b/copy.png"}
    reason = "identical files with different labels: a/3.png (a) = b/copy.png (b)"
    assert left_out(mine) == {"a/3.png": reason, "b/copy.png": reason}


def test_identical_files_of_two_patients_stay_together(mine, capsys):
    for number in range(3):
        (mine / "a" / f"copy{number}.png").write_bytes((mine / "a" / "3.png").read_bytes())
    content = run(mine)
    sides = [
        split
        for split in ("training", "validation", "test")
        for item in content[split]
        if item["image_id"] in ("a/3.png", "a/copy0.png", "a/copy1.png", "a/copy2.png")
    ]
    assert len(sides) == 4
    assert len(set(sides)) == 1
    said = capsys.readouterr().err
    assert "a/3.png = a/copy0.png = a/copy1.png = a/copy2.png" in said


def test_groups_and_files_in_two_official_splits_are_refused(tmp_path, capsys):
    root = tmp_path / "mine"
    for split, seeds in (("train", range(8)), ("val", range(8, 12)), ("test", range(12, 20))):
        for seed in seeds:
            path = root / split / "ab"[seed % 2] / f"{seed}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(noise(seed)).save(path)
    (root / "train" / "a" / "leak.png").write_bytes((root / "test" / "a" / "12.png").read_bytes())
    message = refused(root, capsys)
    assert "groups or identical files in more than one split (1): test/a/12.png: " in message
    assert "train/a/leak.png in training" in message
    content = run(root, skip_bad=True)
    assert list(left_out(root)) == ["train/a/leak.png"]
    assert {split: len(content[split]) for split in ("training", "validation", "test")} == {
        "training": 8,
        "validation": 4,
        "test": 8,
    }


@pytest.mark.parametrize("name", ["$__import__('os').system('true')", "@epsilon", "%run", "a\nb"])
def test_class_names_that_a_config_would_evaluate_are_refused(mine, name):
    (mine / "b").rename(mine / name)
    with pytest.raises(ValueError, match=r"rename (the class|it)\.$"):
        run(mine)


def test_two_spellings_of_one_class_are_noticed(mine):
    (mine / "A ").mkdir()
    Image.fromarray(noise(99)).save(mine / "A " / "1.png")
    with pytest.raises(ValueError, match=r"'A' and 'a' are two spellings of one class"):
        run(mine)


def test_imbalance_and_what_gives_a_class_away_are_warned_of(mine, capsys):
    for seed in range(100, 300):
        Image.fromarray(noise(seed)).save(mine / "a" / f"{seed}.png")
    for number in range(10):
        Image.fromarray(noise(500 + number, shape=(20, 20))).save(mine / "b" / f"{number}.png")
    Image.new("L", (8, 9), 7).save(mine / "a" / "flat.png")
    run(mine)
    said = capsys.readouterr().err
    assert "warning: a has 211 images and b 10, more than 20 times as many" in said
    assert "warning: All 10 images whose size is 20 x 20 are b." in said
    assert "a/flat.png" in said


def test_names_that_are_not_utf8_are_read_and_can_be_written(mine):
    name = os.fsdecode(b"l\xe4sion.png")
    (mine / "a" / "1.png").rename(mine / "a" / name)
    run(mine)
    items = [item for split in ("training", "validation", "test") for item in load_datalist(mine.parent / "out", split)]
    (item,) = [item for item in items if "sion" in item["image_id"]]
    assert item["image_id"] == "a/l\\xe4sion.png"
    assert item["image"] == str(mine / "a" / name)
    assert np.array_equal(np.array(Image.open(item["image"])), noise(1))


def test_missing_splits_are_drawn_from_training(tmp_path, capsys):
    root = tmp_path / "mine"
    for seed in range(40):
        path = root / ("test" if seed < 8 else "train") / "ab"[seed % 2] / f"{seed}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(noise(seed)).save(path)
    content = run(root, split=SplitOptions(validation=0.25))
    assert {split: len(content[split]) for split in ("training", "validation", "test")} == {
        "training": 24,
        "validation": 8,
        "test": 8,
    }
    printed = capsys.readouterr().out
    assert "Training and test are the data set's own, validation drawn from training by group" in printed


def test_an_external_test_set(mine):
    content = run(mine, FormOptions(classes=["b", "a"], empty_classes=True), SplitOptions(only_test=True))
    assert (content["training"], len(content["test"])) == ([], 20)
    assert class_names(mine.parent / "out") == ["b", "a"]
    assert len(load_datalist(mine.parent / "out", "test")) == 20


def test_attributes_of_a_table_are_kept_and_given_when_asked_for(mine):
    lines = [f"{name}/{number}.png,{name},{30 + number}" for name in "ab" for number in range(10)]
    (mine / "t.csv").write_text("\n".join(["image,label,age", *lines]))
    run(mine)
    assert "attributes" not in load_datalist(mine.parent / "out", "test")[0]
    item = load_datalist(mine.parent / "out", "test", attributes=True)[0]
    assert item["attributes"] == {"age": str(30 + int(item["image_id"][2]))}


def test_formulas_stay_text_in_the_tables(mine):
    (mine / "b").rename(mine / "=1+1")
    (mine / "a" / "=2.txt").write_text("x")
    run(mine)
    with (mine.parent / "out" / "classes.csv").open() as file:
        assert [row["name"] for row in csv.DictReader(file)] == ["'=1+1", "a"]
    assert class_names(mine.parent / "out") == ["=1+1", "a"]


def test_balanced_counts_and_too_few(mine):
    content = run(mine, split=SplitOptions(train=6, validation=2, test=3))
    assert [sum(item["label"] == k for item in content["test"]) for k in (0, 1)] == [3, 3]
    with pytest.raises(ValueError, match="Too few images for 29 of each class, as there are a 10, b 10"):
        run(mine, split=SplitOptions(train=20, validation=2, test=9))
    with pytest.raises(ValueError, match="class a has too few groups"):
        run(mine, FormOptions(group_pattern="^."))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"validation": 0}, "must be shares above 0"),
        ({"test": float("nan")}, "must be shares above 0"),
        ({"train": 5, "validation": 5, "test": 1}, "--validation is taken out of --train"),
        ({"train": 5, "validation": 1.5, "test": 1}, "--validation is taken out of --train"),
    ],
)
def test_splits_that_make_no_sense(options, message):
    with pytest.raises(ValueError, match=message):
        SplitOptions(**options)
