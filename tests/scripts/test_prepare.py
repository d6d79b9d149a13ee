import nibabel as nib
import numpy as np
import pytest
from PIL import Image

from custom.data import class_names, intensity_window, load_datalist, volume_spacing
from scripts.prepare import main


@pytest.fixture
def mine(tmp_path):
    for label in ("good", "bad"):
        (tmp_path / "mine" / label).mkdir(parents=True)
        for number in range(10):
            Image.new("L", (5, 5), number + 100 * (label == "bad")).save(tmp_path / "mine" / label / f"{number}.png")
    return tmp_path / "mine"


def run(source, *more):
    return main([str(source), "--output", str(source.parent / "out"), *more])


def test_class_folders(mine, capsys):
    assert run(mine) == 0
    out = mine.parent / "out"
    assert class_names(out) == ["bad", "good"]
    assert {s: len(load_datalist(out, s)) for s in ("training", "validation", "test")} == {
        "training": 14,
        "validation": 2,
        "test": 4,
    }
    assert "training: bad 7, good 7, of 14 groups" in capsys.readouterr().out


def test_a_table_keeps_patients_together(mine):
    lines = [f"{label}/{n}.png,{label},P{n}" for n in range(10) for label in ("good", "bad")]
    (mine / "table.csv").write_text("\n".join(["image,label,patient", *lines]))
    assert run(mine, "--test", "0.3") == 0
    splits = [load_datalist(mine.parent / "out", name) for name in ("training", "validation", "test")]
    sides = [{item["lesion_id"] for item in items} for items in splits]
    assert [len(side) for side in sides] == [6, 1, 3]
    assert len(set.union(*sides)) == 10


def test_volumes_need_a_window_and_are_not_mixed_with_images(tmp_path, capsys):
    for label in "ab":
        (tmp_path / "ct" / label).mkdir(parents=True)
        for number in range(10):
            volume = nib.Nifti1Image(np.full((3, 3, 3), ord(label) + 100 * number, np.float32), np.eye(4))
            nib.save(volume, tmp_path / "ct" / label / f"{number}.nii.gz")
    assert run(tmp_path / "ct") == 1
    assert "values from 97 to 998; say with --window LOW HIGH" in capsys.readouterr().err
    assert run(tmp_path / "ct", "--window", "0", "1000") == 0
    assert load_datalist(tmp_path / "out")[0]["image"].endswith(".nii.gz")
    assert volume_spacing(tmp_path / "out") == [1, 1, 1]
    assert intensity_window(tmp_path / "out") == {"bits": 32, "low": 0, "high": 1000}
    Image.new("L", (5, 5)).save(tmp_path / "ct" / "a" / "x.png")
    assert run(tmp_path / "ct", "--overwrite") == 1
    assert (
        "files of the other kind: a data set takes images or volumes, not both (1): a/x.png" in capsys.readouterr().err
    )


def test_unreadable_images_are_named_and_nothing_is_written(mine, capsys):
    (mine / "bad" / "3.png").write_bytes(b"no image")
    assert run(mine) == 1
    assert "images that cannot be read (1): bad/3.png (it is not an image that can be read" in capsys.readouterr().err
    assert [p.name for p in mine.parent.iterdir()] == ["mine"]


def test_of_many_problems_the_first_are_named_and_the_table_has_all(mine, capsys):
    for number in range(100, 125):
        (mine / "bad" / f"{number}.png").write_bytes(b"no image")
    assert run(mine) == 1
    told = capsys.readouterr().err
    assert "images that cannot be read (25): bad/100.png (" in told
    assert "bad/119.png" in told
    assert "bad/120.png" not in told
    assert " and 5 more\n" in told
    assert "--skip-bad leaves them out, and lists them in left_out.csv." in told
    assert run(mine, "--skip-bad") == 0
    assert (mine.parent / "out" / "left_out.csv").read_text().count("images that cannot be read") == 25


def test_ratios_must_leave_training_images(mine, capsys):
    assert run(mine, "--test", "0.9") == 1
    assert "must be shares above 0 that leave some for training" in capsys.readouterr().err
