import os
from pathlib import Path

import pytest

from deploy.inputs import list_inputs, relative_name


def test_every_file_at_any_depth_is_listed_in_a_fixed_order(tmp_path: Path) -> None:
    for name in ("b/2.dcm", "b/1", "a.png", ".hidden", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    files, skipped = list_inputs(tmp_path)
    assert [str(path.relative_to(tmp_path)) for path in files] == ["a.png", "b/1", "b/2.dcm", "notes.txt"]
    assert [(entry.path.name, entry.reason, entry.refused) for entry in skipped] == [(".hidden", "it is hidden", False)]


def test_a_file_stands_for_itself(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    assert list_inputs(tmp_path / "a.png") == ([tmp_path / "a.png"], [])


def test_what_is_no_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "away").mkdir()
    (tmp_path / "in").mkdir()
    (tmp_path / "in/link").symlink_to(tmp_path / "away")
    (tmp_path / "in/broken").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "in/pipe")
    files, skipped = list_inputs(tmp_path / "in")
    assert files == []
    assert all(entry.refused for entry in skipped)
    assert {entry.path.name: entry.reason for entry in skipped} == {
        "link": "links to folders are not followed",
        "broken": "it is a link that leads nowhere",
        "pipe": "it is not a file",
    }


def test_an_empty_folder_and_none_are_errors(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="No file found in"):
        list_inputs(tmp_path)
    with pytest.raises(FileNotFoundError, match="No folder"):
        list_inputs(tmp_path / "none")


def test_every_name_can_be_written() -> None:
    assert relative_name(Path("in/arm/é.jpg"), Path("in")) == "arm/é.jpg"
    assert relative_name(Path(os.fsdecode(b"in/\xff.jpg")), Path("in")) == "\\xff.jpg"
