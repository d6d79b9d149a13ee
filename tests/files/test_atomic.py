import errno
import os
from pathlib import Path

import pytest

from custom.files import clean_up, move_together, write_atomically, write_together


def contents(folder):
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_a_file_is_replaced_and_its_folder_made(tmp_path):
    path = tmp_path / "new" / "note.txt"
    write_atomically(path, b"old")
    write_atomically(path, b"new")
    assert contents(path.parent) == {"note.txt": "new"}


def test_a_full_disk_leaves_the_old_file_and_says_so_in_one_sentence(tmp_path, monkeypatch):
    write_atomically(tmp_path / "note.txt", b"old")

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=r"^Cannot write .*note.txt: No space left on device; the file that was there is"):
        write_atomically(tmp_path / "note.txt", b"new")
    assert contents(tmp_path) == {"note.txt": "old"}


def test_a_name_of_the_greatest_length_can_be_written(tmp_path):
    name = "ä" * 120 + ".csv"  # 244 bytes
    write_atomically(tmp_path / name, b"x")
    assert contents(tmp_path) == {name: "x"}


def test_of_two_files_both_or_none_are_written(tmp_path, monkeypatch):
    pair = {tmp_path / "a.csv": b"1", tmp_path / "a.json": b"1"}
    write_together(pair)
    replace = Path.replace

    def refuse_the_second(self, target):
        if target == tmp_path / "a.json" and self.read_text() == "2":
            raise PermissionError(errno.EPERM, "Operation not permitted")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refuse_the_second)
    with pytest.raises(OSError, match=r"Cannot write .*: Operation not permitted"):
        write_together(dict.fromkeys(pair, b"2"))
    assert contents(tmp_path) == {"a.csv": "1", "a.json": "1"}


def test_new_files_do_not_stay_alone(tmp_path, monkeypatch):
    replace = Path.replace

    def refuse_the_second(self, target):
        if target == tmp_path / "b":
            raise PermissionError(errno.EPERM, "Operation not permitted")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refuse_the_second)
    with pytest.raises(OSError, match="Cannot write"):
        write_together({tmp_path / "a": b"1", tmp_path / "b": b"1"})
    assert contents(tmp_path) == {}


def test_a_folder_and_a_file_are_moved_together(tmp_path):
    work = tmp_path / "work"
    (work / "bundle").mkdir(parents=True)
    (work / "bundle" / "model.pt").write_text("new")
    (work / "bundle.zip").write_text("new")
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "model.pt").write_text("old")
    move_together([(work / "bundle.zip", tmp_path / "bundle.zip"), (work / "bundle", tmp_path / "bundle")])
    work.rmdir()
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["bundle", "bundle.zip", "model.pt"]
    assert (tmp_path / "bundle" / "model.pt").read_text() == "new"


def test_what_was_removed_since_is_nothing_to_clean_up(tmp_path):
    clean_up(tmp_path / "absent")
    clean_up(tmp_path)
    assert contents(tmp_path) == {}
