"""scripts/setup.sh, with a stand-in for Python, so that nothing is installed."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STAND_IN = """#!/bin/sh
# Version check, `-m venv .venv`, and `.venv/bin/python -m pip install ...`, which is noted down.
case "$*" in
  --version) echo "Python 3.12.0" ;;
  -c*) exit "${FITS:-0}" ;;
  "-m venv .venv") mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
  "-m pip install"*) echo "$*" >>pip.log; exit "${PIP:-0}" ;;
  *) exit 99 ;;
esac
"""


@pytest.fixture
def clone(tmp_path):
    folder = tmp_path / "a clone"
    (folder / "scripts").mkdir(parents=True)
    shutil.copy(ROOT / "scripts" / "setup.sh", folder / "scripts")
    for path in ROOT.glob("requirements*.txt"):
        shutil.copy(path, folder)
    python = tmp_path / "python"
    python.write_text(STAND_IN)
    python.chmod(0o755)

    def setup(*arguments, **environment):
        result = subprocess.run(
            ["bash", folder / "scripts" / "setup.sh", *arguments],
            env={**os.environ, "PYTHON": str(python), **environment},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.stdout == ""
        log = folder / "pip.log"
        calls = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return result.returncode, result.stderr, calls

    setup.folder = folder
    return setup


def test_installs_once_and_then_does_nothing(clone):
    code, said, calls = clone()
    assert code == 0
    assert "Making the environment .venv with Python 3.12.0." in said
    assert [call.split()[-2:] for call in calls] == [["-r", "requirements.txt"]]
    assert clone() == (0, "", [])


def test_new_versions_are_installed(clone):
    clone()
    with (clone.folder / "requirements.txt").open("a") as file:
        file.write("another==1.0\n")
    code, said, calls = clone()
    assert (code, len(calls)) == (0, 1)
    assert "Making" not in said
    assert clone() == (0, "", [])


def test_the_tests_requirements_include_those_of_training(clone):
    code, _, calls = clone("--test")
    assert code == 0
    assert [[word for word in call.split() if word.endswith(".txt")] for call in calls] == [
        ["requirements-dev.txt"],
        ["requirements-oracles.txt", "requirements-explorer.txt"],
    ]
    assert "--no-deps" in calls[1]
    assert clone("--test") == (0, "", [])
    assert clone() == (0, "", [])


def test_a_half_made_environment_is_made_anew(clone):
    clone()
    (clone.folder / ".venv" / "unfinished").touch()
    (clone.folder / ".venv" / "rest").touch()
    code, said, calls = clone()
    assert (code, len(calls)) == (0, 1)
    assert "half-made" in said
    assert not (clone.folder / ".venv" / "rest").exists()
    assert clone() == (0, "", [])


def test_failed_installation_is_told_and_tried_again(clone):
    code, said, _ = clone(PIP="1")
    assert code == 1
    assert said.splitlines()[-1].startswith("error: the packages could not be installed")
    code, said, calls = clone()
    assert (code, len(calls)) == (0, 1)
    assert "half-made" not in said


def test_another_python_version_is_refused_in_one_sentence(clone):
    code, said, _ = clone(FITS="1")
    assert code == 1
    assert said.startswith("error: PYTHON=")
    assert said.endswith("is not a Python 3.11, 3.12 or 3.13.\n")
    assert not (clone.folder / ".venv").exists()


def test_no_python_at_all(clone, tmp_path):
    (tmp_path / "bin").mkdir()
    for tool in ("bash", "dirname", "cat", "cksum"):
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool))
    code, said, _ = clone(PYTHON="", PATH=str(tmp_path / "bin"))
    assert (code, said.count("\n")) == (1, 1)
    assert "no Python 3.11, 3.12 or 3.13 was found" in said


def test_unknown_argument_and_help(clone):
    assert clone("--tset")[:2] == (1, "error: scripts/setup.sh takes no argument but --test, not '--tset'.\n")
