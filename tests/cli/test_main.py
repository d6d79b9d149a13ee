"""The command line as users have it, mostly in processes of its own."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.programs import run_program

ROOT = Path(__file__).parents[2]
CONFIG = {
    "dataset_dir": "nowhere",
    "seconds": 0,
    "checks": {"_target_": "custom.cli.check_command_line"},
    "imports": ["$import time"],
    "run": ["$@checks"],
    "wait": ["$@checks", "$print('waiting', flush=True)", "$time.sleep(@seconds)"],
}


@pytest.fixture
def command(tmp_path):
    (tmp_path / "train.json").write_text(json.dumps(CONFIG))

    def start(module, *arguments):
        return subprocess.Popen(
            [sys.executable, "-m", module, "run", *arguments, "--config_file", "train.json"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT), "MONAI_DEBUG": ""},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


UNKNOWN = "error: The config has no 'dataset_dri' to override; the closest key is 'dataset_dir'.\n"


def test_monais_own_command_refuses_an_unknown_override_in_one_sentence(tmp_path, monkeypatch):
    (tmp_path / "train.json").write_text(json.dumps(CONFIG))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MONAI_DEBUG", raising=False)
    outcome = run_program("monai.bundle run --dataset_dri data --config_file train.json")
    assert outcome.code == 1
    assert outcome.stderr.endswith(UNKNOWN)
    assert "Traceback" not in outcome.stderr


@pytest.mark.slow
def test_monais_own_program_refuses_an_unknown_override_in_one_sentence(command):
    process = command("monai.bundle", "--dataset_dri", "data")
    _, printed = process.communicate(timeout=120)
    assert process.returncode == 1
    assert printed.endswith(UNKNOWN)
    assert "Traceback" not in printed


def test_an_override_below_nothing_is_one_sentence_where_monai_has_a_traceback(command):
    process = command("custom.bundle", "--trian#epochs", "3")
    _, printed = process.communicate(timeout=120)
    assert process.returncode == 1
    assert printed.startswith("error: The config has no 'trian#epochs' to override")
    assert printed.count("\n") == 1


# Below a verb it is tested by default: tests/cli/test_verbs.py.
@pytest.mark.slow
def test_a_schedulers_end_is_told_and_has_its_exit_code(command):
    process = command("custom.bundle", "wait", "--seconds", "60")
    while process.stdout.readline() != "waiting\n":
        assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    _, printed = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Interrupted: the same command with --resume" in printed
    assert "Traceback" not in printed
