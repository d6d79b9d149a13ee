from pathlib import Path

import pytest

from custom.bundle import run_folder


def finished(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "checkpoint.pt").touch()


def test_a_new_training_takes_the_first_free_folder_and_writes_nothing(tmp_path):
    root = tmp_path / "runs"
    assert run_folder(str(root), "at") == str(root / "at")
    assert not root.exists()
    finished(root / "at")
    (root / "at-2").mkdir()  # empty: not in use
    assert run_folder(str(root), "at") == str(root / "at-2")
    (root / "at-2" / "config.json").touch()
    (root / "at-3").touch()  # a file is in the way
    assert run_folder(str(root), "at") == str(root / "at-4")
    assert run_folder(str(root), "sat") == str(root / "sat")


def test_resume_takes_the_latest_with_a_checkpoint(tmp_path):
    finished(tmp_path / "at")
    finished(tmp_path / "at-2")
    (tmp_path / "at-3").mkdir()
    (tmp_path / "at-3" / "config.json").touch()  # killed in its first epoch
    assert run_folder(str(tmp_path), "at", resume=True) == str(tmp_path / "at-2")


def test_resume_without_a_checkpoint_says_so(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no checkpoint of a training 'at'.*start without --resume"):
        run_folder(str(tmp_path), "at", resume=True)
