from pathlib import Path

import pytest

from custom.inference import find_images


def files(items):
    assert all(item["image"] == item["file"] for item in items)
    return [item["file"] for item in items]


def test_images_of_a_folder_at_any_depth(tmp_path):
    (tmp_path / "b").mkdir()
    for name in ("c.JPG", "a.png", "b/x.dcm", "b/y.jpeg", "notes.txt", ".hidden.png", "LICENSE"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "b" / "1.2.840").write_bytes(bytes(128) + b"DICM")
    (tmp_path / "b" / "scan").write_bytes(bytes(128) + b"DICM")
    found = [Path(name).relative_to(tmp_path).as_posix() for name in files(find_images(tmp_path))]
    assert found == ["a.png", "b/1.2.840", "b/scan", "b/x.dcm", "b/y.jpeg", "c.JPG"]


def test_a_list_and_a_file_are_taken_as_they_are(tmp_path):
    assert files(find_images(["b.png", "a.tif"])) == ["b.png", "a.tif"]
    (tmp_path / "one").write_bytes(b"x")
    assert files(find_images(str(tmp_path / "one"))) == [str(tmp_path / "one")]


def test_nothing_to_classify(tmp_path):
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(ValueError, match="There is no image in"):
        find_images(tmp_path)
    with pytest.raises(ValueError, match="list of images is empty"):
        find_images([])
    with pytest.raises(FileNotFoundError, match="There is no nowhere"):
        find_images("nowhere")
