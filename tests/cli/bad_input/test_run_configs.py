"""Damaged configs of a run, with every command that reads one."""

import shutil

import pytest

from tests.cli.programs import content

from .commands import READERS, refused, some_are_slow

CONFIGS = {
    "missing": None,
    "empty": "",
    "text": "method: at",
    "a list": "[1, 2]",
    "nothing": "{}",
    "null": "null",
    "another config": '{"backbone": "resnet18"}',
    "half": '{"method": "at", ',
}


@pytest.mark.parametrize(("damage", "command"), some_are_slow(CONFIGS, READERS, ("evaluate", "infer")))
def test_a_damaged_config_of_a_run(damage, command, run, synthetic_data, tmp_path):
    if command == "any classifier" or (command == "infer" and damage in ("nothing", "another config")):
        pytest.skip("it reads what the weights say of themselves")
    copied = tmp_path / "run"
    shutil.copytree(run, copied, ignore=shutil.ignore_patterns("config.json", ".lock"))
    if CONFIGS[damage] is not None:
        (copied / "config.json").write_text(CONFIGS[damage])
    before = content(copied)
    refused(READERS[command].format(run=copied, data=synthetic_data))
    assert content(copied) == before
