import io
import json

import numpy as np
import pytest
from PIL import Image

from custom.data.check_images import examine
from custom.data.near_duplicates import find_near_duplicates
from scripts.check_data import main
from tests.data.small_set import change, write_small_set


def smooth(seed, size=(40, 30)):
    small = np.random.default_rng(seed).integers(0, 255, (6, 8, 3), dtype=np.uint8)
    return Image.fromarray(small).resize(size, Image.Resampling.BICUBIC)


@pytest.fixture
def folder(tmp_path):
    """Three splits of two classes, with four images each, of their own patients."""
    return write_small_set(tmp_path, smooth)


def findings(folder, capsys, code):
    assert main([str(folder), "--json"]) == code
    return {finding["kind"]: finding["names"] for finding in json.loads(capsys.readouterr().out)["findings"]}


def test_a_good_data_set(folder, capsys):
    assert main([str(folder)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["class", "training", "validation", "test"]
    assert lines[1].split() == ["a", "2", "2", "2"]
    assert "format: PNG (12)" in lines
    assert "size: 40 x 30 (12)" in lines
    assert lines[-1] == "Nothing wrong was found."


def test_an_image_of_one_color_is_constant(folder, capsys):
    Image.new("RGB", (40, 30), (200, 150, 140)).save(folder / "test1.png")
    assert findings(folder, capsys, 0)["images with one value throughout"] == ["test1.png"]


def test_thumbnails_are_drawn(folder, tmp_path):
    assert main([str(folder), "--thumbnails", str(tmp_path / "new" / "grid.png")]) == 0
    assert Image.open(tmp_path / "new" / "grid.png").size == (768, 192)


def test_unreadable_constant_and_deep_images(folder, capsys):
    (folder / "test0.png").write_bytes(b"x")
    Image.new("RGB", (40, 30), (7, 7, 7)).save(folder / "test1.png")
    Image.new("I;16", (40, 30), 999).save(folder / "test2.png")
    found = findings(folder, capsys, 1)
    assert [name.partition(" (")[0] for name in found["images that cannot be read"]] == ["test0.png"]
    assert found["images with one value throughout"] == ["test1.png", "test2.png"]
    assert found["images without the 8 bits per sample of the intensity window"] == ["test2.png (16)"]


def test_copies_across_splits_and_labels(folder, capsys):
    (folder / "test0.png").write_bytes((folder / "training1.png").read_bytes())
    (folder / "training2.png").write_bytes((folder / "training0.png").read_bytes())
    found = findings(folder, capsys, 1)
    assert found["identical files with different labels"] == ["training1.png = test0.png"]
    assert found["identical files in different splits"] == ["training1.png = test0.png"]
    assert found["identical files in one split"] == ["training0.png = training2.png"]


def test_images_that_were_stored_again_look_the_same(folder, capsys):
    smooth(1, (400, 300)).save(folder / "training1.png")
    smooth(1, (600, 450)).save(folder / "again.jpg", quality=80)
    change(folder, lambda content: content["test"][1].update(image="again.jpg", lesion_id="again"))
    found = findings(folder, capsys, 0)
    assert found["images in different splits that look the same"] == ["again.jpg (test) ~ training1.png (training)"]
    assert main([str(folder), "--strict"]) == 1


def test_groups_in_two_splits_are_an_error(folder, capsys):
    change(folder, lambda content: content["test"][1].update(lesion_id="training1.png"))
    assert any("1 group both in 'training' and in 'test'" in kind for kind in findings(folder, capsys, 1))
    change(folder, lambda content: content.update(split_by="image"))
    assert findings(folder, capsys, 0) == {}


def test_an_image_in_two_splits_and_no_data_set(folder, capsys, tmp_path):
    change(folder, lambda content: content["test"][1].update(image="training1.png", image_id="new"))
    assert main([str(folder)]) == 2
    assert "training1.png is in 'training' and in 'test'; an image belongs to one split" in capsys.readouterr().err
    assert main([str(tmp_path / "nowhere")]) == 2


def test_perceptual_hashes_by_hand():
    """16 bits a row, each whether a place is brighter than the one to its left."""
    ramp = np.tile(np.arange(17, dtype=np.uint8) * 10, (16, 1))
    stored = io.BytesIO()
    Image.fromarray(ramp).save(stored, "PNG")
    assert examine(stored.getvalue()).hash == 2**256 - 1
    ramp[0] = ramp[0, ::-1]
    stored = io.BytesIO()
    Image.fromarray(ramp).save(stored, "PNG")
    assert examine(stored.getvalue()).hash == 2**240 - 1


@pytest.mark.parametrize("distance", [10, 40])
def test_no_pair_within_the_distance_is_missed(distance):
    rng = np.random.default_rng(0)
    hashes, expected = {}, []
    for number in range(90):
        value = int.from_bytes(rng.bytes(32), "big")
        flips = rng.choice(256, number % 45, replace=False)
        hashes[f"a{number}"], hashes[f"b{number}"] = value, value ^ sum(1 << int(bit) for bit in flips)
        if number % 45 <= distance:
            expected.append((f"a{number}", f"b{number}", number % 45))
    splits = {name: "training" if name[0] == "a" else "test" for name in hashes}
    assert sorted(find_near_duplicates(hashes, splits, distance)) == sorted(expected)
    assert find_near_duplicates(hashes, dict.fromkeys(hashes, "test"), distance) == []
    with pytest.raises(ValueError, match="0 to 64"):
        find_near_duplicates({}, {}, 65)


def test_images_without_structure_are_not_compared():
    assert find_near_duplicates({"a": 0, "b": 1}, {"a": "training", "b": "test"}) == []
