import os

import pytest

from custom.data.find_files import find_files, printable


def test_hidden_dangling_and_linked(tmp_path):
    root = tmp_path / "in"
    for name in ("a/1.png", "a/.2.png", ".ipynb_checkpoints/3.png", "__MACOSX/4.png", "b/Thumbs.db"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "5.png").touch()
    (root / "a" / "more").symlink_to(tmp_path / "store")
    (root / "b" / "again").symlink_to(tmp_path / "store")
    (root / "b" / "up").symlink_to(root)
    (root / "b" / "6.png").symlink_to(tmp_path / "nowhere")
    os.mkfifo(root / "pipe")
    files, skipped = find_files(root)
    assert [path.relative_to(root).as_posix() for path in files] == ["a/1.png", "a/more/5.png"]
    assert {path.path.relative_to(root).as_posix(): (path.reason, path.refused) for path in skipped} == {
        ".ipynb_checkpoints": ("it is a hidden folder", False),
        "__MACOSX": ("it is a hidden folder", False),
        "a/.2.png": ("it is hidden", False),
        "b/6.png": ("it is a link that leads nowhere", True),
        "b/Thumbs.db": ("it is hidden", False),
        "b/again": ("it links to a folder that is already read", False),
        "b/up": ("it links to a folder that is already read", False),
        "pipe": ("it is not a file", True),
    }


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every folder")
def test_folders_without_permission_are_named(tmp_path):
    (tmp_path / "closed").mkdir(mode=0)
    ((entry,),) = find_files(tmp_path)[1:]
    assert entry.refused
    assert entry.reason.startswith("the folder cannot be read")


def test_printable_names():
    assert printable(os.fsdecode(b"\xff|\xc3\xa9")) == "\\xff|é"
