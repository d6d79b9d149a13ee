"""Processes that are killed at every single step of what they do to the file system."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from custom.files import clean_up

ROOT = Path(__file__).parents[2]
STEPS = {"os.rename", "os.mkdir", "os.link", "os.remove", "os.rmdir", "open", "ctypes.dlopen", "shutil.copytree"}
PRELUDE = """
import os, signal, sys
from pathlib import Path
from custom.files import ResultFolder, result_folder, write_together
import custom.files.exchange
folder, last = Path(sys.argv[1]), int(sys.argv[2])
steps = 0
def count(event, arguments):
    global steps
    if event in {steps} and str(folder) in " ".join(map(str, arguments)) or event == "ctypes.dlopen":
        steps += 1
        if steps > last:
            os.kill(os.getpid(), signal.SIGKILL)
"""
FOLDER = """
if sys.argv[3] == "two moves":
    result_folder.exchange = lambda *_: False
sys.addaudithook(count)
with ResultFolder(folder / "out", {"metrics.json", "attacks"}, carry_over=["attacks"]) as new:
    (new / "metrics.json").write_text("new")
"""
FILES = """
sys.addaudithook(count)
write_together({folder / "a.csv": b"new", folder / "a.json": b"new"})
"""


def killed_at_every_step(program, tmp_path, prepare, *arguments):
    """What is in the folder after a kill at each step and the next start; the last one was not killed."""
    for last in range(1000):
        folder = tmp_path / str(last)
        folder.mkdir()
        prepare(folder)
        process = subprocess.run(
            [sys.executable, "-c", PRELUDE.replace("{steps}", repr(STEPS)) + program, folder, str(last), *arguments],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            check=False,
            timeout=60,
        )
        clean_up(folder)
        yield {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}
        if process.returncode == 0:
            return
        assert process.returncode == -signal.SIGKILL
    raise AssertionError("It never ended.")


@pytest.mark.parametrize("way", ["one system call", "two moves"])
def test_a_folder_of_results_is_the_old_or_the_new_one(tmp_path, way):
    def earlier(folder):
        (folder / "out" / "attacks").mkdir(parents=True)
        (folder / "out" / "attacks" / "fgsm.npz").write_text("finished")
        (folder / "out" / "metrics.json").write_text("old")

    old = {"out/attacks/fgsm.npz": "finished", "out/metrics.json": "old"}
    new = {**old, "out/metrics.json": "new"}
    found = list(killed_at_every_step(FOLDER, tmp_path, earlier, way))
    assert len(found) > 5
    assert found[0] == old
    assert found[-1] == new
    assert all(files in (old, new) for files in found)


def test_of_two_files_both_or_none_are_new(tmp_path):
    def earlier(folder):
        (folder / "a.csv").write_text("old")
        (folder / "a.json").write_text("old")

    old, new = ({"a.csv": age, "a.json": age} for age in ("old", "new"))
    found = list(killed_at_every_step(FILES, tmp_path, earlier))
    assert len(found) > 10
    assert found[0] == old
    assert found[-1] == new
    assert all(files in (old, new) for files in found)
    assert new in found[:-1]  # finished by the next start


def test_what_a_living_process_writes_is_left_alone(tmp_path):
    program = """
import sys
from pathlib import Path
from custom.files import ResultFolder
with ResultFolder(Path(sys.argv[1]) / "out", {"a"}) as new:
    (new / "a").write_text("new")
    print("written", flush=True)
    sys.stdin.readline()
"""
    process = subprocess.Popen(
        [sys.executable, "-c", program, tmp_path],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "written\n"
    clean_up(tmp_path)
    process.communicate("\n", timeout=60)
    assert [str(path.relative_to(tmp_path)) for path in sorted(tmp_path.rglob("*"))] == ["out", "out/a"]
