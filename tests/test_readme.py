"""What the README tells a newcomer to type exists, and takes what it is given."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.docs.commands import blocks, check_command, commands

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = commands(README)


def test_there_are_commands():
    assert len(COMMANDS) > 8


def test_it_is_short():
    assert len(README.splitlines()) <= 150


@pytest.mark.parametrize("command", COMMANDS)
def test_command_exists_and_takes_what_it_is_given(command, monkeypatch):
    monkeypatch.chdir(ROOT)
    check_command(command)


@pytest.mark.parametrize("command", ["python scripts/prepare.py DIR --outptu X", "bash scripts/train.sh --epsilonn 1"])
def test_a_wrong_option_is_found(command, monkeypatch):
    monkeypatch.chdir(ROOT)
    with pytest.raises((AssertionError, ValueError)):
        check_command(command)


def test_the_example_attacks(monkeypatch):
    found: dict = {}
    (code,) = blocks(README, "python")
    exec(code, found)
    norms = (found["images_adv"] - found["images"]).flatten(1).norm(dim=1)
    # Pixels that reach 0 or 1 leave a little less than the radius.
    assert norms.tolist() == pytest.approx([0.3] * 4, abs=1e-2)
    assert norms.max() <= 0.3 + 1e-6
    assert found["network"].training


@pytest.mark.parametrize("script", ["scripts/train.sh", "scripts/setup.sh", "deploy/setup.sh"])
def test_shell_scripts_have_help(script):
    shown = subprocess.run(["bash", ROOT / script, "--help"], capture_output=True, text=True, check=True).stdout
    assert f"bash {script}" in shown


def test_linked_and_named_files_exist():
    linked = re.findall(r"\]\((?!http)([^)#]+)\)", README)
    named = re.findall(r"`((?:scripts|bundle/configs)/[A-Za-z0-9_./]+\.\w+)`", README)
    absent = [name for name in {*linked, *named} if not (ROOT / name).exists()]
    assert not absent


def test_methods_of_the_table_are_all_there_are():
    from custom.methods import method_names

    table = README.split("`--method` is one of")[1].split("`amat` needs")[0]
    first = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    assert sorted(name for cell in first for name in re.findall(r"`(\w+)`", cell)) == method_names()
