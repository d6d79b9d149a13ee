import os
from pathlib import Path

import pytest
from PIL import Image

from custom.inference import find_images


def files(items):
    assert all(item["image"] == item["file"] for item in items)
    return [item["file"] for item in items]


def test_images_of_a_folder_show_in_their_content(tmp_path):
    (tmp_path / "b").mkdir()
    for name in ("c.JPG", "a.png", "b/x.dcm", "b/y.jpeg", "notes.txt", ".hidden.png", "LICENSE", "b/w.ima"):
        (tmp_path / name).write_bytes(b"x")
    for name in ("1.2.840", "scan"):
        (tmp_path / "b" / name).write_bytes(bytes(128) + b"DICM")
    for name, kind in (("d.tif", "TIFF"), ("e.webp", "WEBP"), ("f", "PNG"), ("g.txt", "JPEG"), ("h.jfif", "JPEG")):
        Image.new("RGB", (4, 4)).save(tmp_path / name, kind)
    (tmp_path / "i.png").symlink_to(tmp_path / "nowhere")
    found = find_images(tmp_path)
    names = [Path(name).relative_to(tmp_path).as_posix() for name in files(found.items)]
    assert names == sorted(names, key=Path)
    assert set(names) == {
        *("a.png", "b/1.2.840", "b/scan", "b/x.dcm", "b/y.jpeg", "b/w.ima", "c.JPG", "d.tif", "e.webp"),
        *("f", "g.txt", "h.jfif", "i.png"),
    }
    assert [item["error"] for item in found.items if "error" in item] == ["it is a link that leads nowhere"]
    assert {Path(entry["file"]).name: entry["reason"] for entry in found.skipped} == {
        ".hidden.png": "it is hidden",
        "LICENSE": "it is not an image",
        "notes.txt": "it is not an image",
    }


def test_names_that_are_not_utf8_can_be_written(tmp_path):
    name = os.fsdecode(b"l\xe4sion.png")
    Image.new("RGB", (4, 4)).save(tmp_path / name)
    (item,) = find_images(tmp_path).items
    assert item["image"] == str(tmp_path / name)
    assert item["file"].endswith("l\\xe4sion.png")


def test_a_list_and_a_file_are_taken_as_they_are(tmp_path):
    assert files(find_images(["b.png", "a.tif"]).items) == ["b.png", "a.tif"]
    (tmp_path / "one").write_bytes(b"x")
    assert files(find_images(str(tmp_path / "one")).items) == [str(tmp_path / "one")]


def test_nothing_to_classify(tmp_path):
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(ValueError, match="No image found in"):
        find_images(tmp_path)
    with pytest.raises(ValueError, match="list of images is empty"):
        find_images([])
    with pytest.raises(FileNotFoundError, match="No nowhere found"):
        find_images("nowhere")
