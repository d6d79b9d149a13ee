import errno
import multiprocessing
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from custom.runs import claim, run_folder
from custom.runs.folder import in_use, release


@pytest.fixture(autouse=True)
def _released():
    yield
    release()


def finished(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "checkpoint.pt").touch()


def test_a_new_training_takes_the_first_free_folder(tmp_path):
    root = tmp_path / "runs"
    finished(root / "at")
    (root / "at-2").mkdir()  # empty: not in use
    assert run_folder(str(root), "at") == str(root / "at-2")
    assert run_folder(str(root), "at") == str(root / "at-3")  # the one before is claimed already
    (root / "at-3" / "config.json").touch()
    (root / "at-4").touch()  # a file is in the way
    assert run_folder(str(root), "at") == str(root / "at-5")
    assert run_folder(str(root), "sat") == str(root / "sat")


def test_what_was_claimed_and_not_written_to_is_gone_in_the_end(tmp_path):
    run_folder(str(tmp_path), "at")
    used = Path(run_folder(str(tmp_path), "at"))
    (used / "config.json").touch()
    release()
    assert [path.name for path in tmp_path.iterdir()] == ["at-2"]
    assert [path.name for path in used.iterdir()] == ["config.json"]


def _claim_and_write(root, barrier, folders):
    barrier.wait()
    folder = Path(run_folder(root, "at"))
    (folder / "config.json").open("x").close()
    folders.put(folder.name)


def test_trainings_that_start_together_never_share_a_folder(tmp_path):
    """Eight processes at once, each of which writes a file in its folder and ends."""
    context = multiprocessing.get_context("fork")  # with torch imported, so that they really start together
    barrier, folders = context.Barrier(8), context.Queue()
    processes = [context.Process(target=_claim_and_write, args=(str(tmp_path), barrier, folders)) for _ in range(8)]
    for process in processes:
        process.start()
    found = sorted(folders.get(timeout=60) for _ in processes)
    for process in processes:
        process.join(timeout=60)
    assert found == ["at", *(f"at-{number}" for number in range(2, 9))]


def test_resume_takes_the_latest_that_began(tmp_path):
    finished(tmp_path / "at")
    finished(tmp_path / "at-2")
    (tmp_path / "at-3").mkdir()
    assert run_folder(str(tmp_path), "at", resume=True) == str(tmp_path / "at-2")
    release()
    (tmp_path / "at-3" / "config.json").touch()  # killed in its first epoch
    assert run_folder(str(tmp_path), "at", resume=True) == str(tmp_path / "at-3")


def test_resume_without_a_training_says_so(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"No training 'at' to resume found in .*without --resume"):
        run_folder(str(tmp_path), "at", resume=True)
    with pytest.raises(FileNotFoundError, match=r"No training to resume found in .*without --resume"):
        claim(tmp_path / "run", resume=True)
    assert not list(tmp_path.iterdir())


def test_two_resumes_never_share_a_folder(tmp_path):
    finished(tmp_path / "at")
    code = "import sys; from custom.runs import claim; claim(sys.argv[1], resume=True); print('mine'); sys.stdin.read()"
    command = [sys.executable, "-c", code, str(tmp_path / "at")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "mine\n"
        with pytest.raises(FileExistsError, match=r"Another process is training in .*at; wait for it"):
            claim(tmp_path / "at", resume=True)
        other.kill()
    claim(tmp_path / "at", resume=True)  # a killed training's lock is gone with it


def test_another_trainings_folder_is_refused_unless_resumed(tmp_path):
    (tmp_path / "checkpoint.pt").touch()
    with pytest.raises(FileExistsError, match="another --output_dir, or --resume"):
        claim(tmp_path)
    claim(tmp_path, resume=True)


def test_a_file_in_the_way(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match=r"^Cannot write to the output folder .*file/run: Not a directory\.$"):
        claim(tmp_path / "file" / "run")


def test_a_full_disk(tmp_path, monkeypatch):
    def full(**_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    with pytest.raises(OSError, match=r"run: No space left on device\.$"):
        claim(tmp_path / "run")


def test_what_a_killed_process_left_half_made_does_not_take_a_folder(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / ".config.json.0123456789ab.partial").write_text("{")
    assert not in_use(tmp_path / "run")
    claim(tmp_path / "run")
