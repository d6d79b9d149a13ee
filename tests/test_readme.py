"""What the README tells a newcomer to type exists, and takes what it is given."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from custom.cli import CommandLine, check_overrides

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    line
    for block in re.findall(r"```bash\n(.*?)```", README, re.DOTALL)
    for line in block.replace("\\\n", " ").splitlines()
    if line.strip() and not line.startswith("#")
]
CONFIGS = ("bundle/configs/train.json", "bundle/configs/quickstart.json")
OWN_FLAGS = {
    "scripts/train.sh": {"--data", "--quick"},
    "scripts/test.sh": {"--slow"},
    "scripts/setup.sh": {"--test"},
    "deploy/setup.sh": {"--test"},
}


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch):
    monkeypatch.chdir(ROOT)


def takes(script, flag):
    # Reading is enough: starting each script for its --help would take longer than all the other tests here.
    return f'"{flag}"' in (ROOT / script).read_text(encoding="utf-8")


def flags(words):
    return {word.split("=")[0] for word in words if re.match(r"--[A-Za-z]", word)}


def overrides(words):
    """Read ``--key value`` as the bundle's command line does."""
    line = CommandLine.read(["monai/bundle/__main__.py", "run", *words])
    return line.overrides if line else {}


def test_there_are_commands():
    assert len(COMMANDS) > 8


@pytest.mark.parametrize("command", COMMANDS)
def test_command_exists_and_takes_what_it_is_given(command):
    program, target, *words = shlex.split(command)
    if program == "torchrun":
        # Its own arguments, then those of a module as of python.
        target, words = "-m", words[words.index("-m") + 1 :]
    if program == "bash":
        own = OWN_FLAGS[target]
        subprocess.run(["bash", "-n", target], check=True)
        rest = [word for word in words if word not in own and word != "DIR"]
        given = overrides([*rest, "--config_file", "unused"])
        check_overrides(CommandLine(CONFIGS, given))
        assert flags(rest) == {f"--{name}" for name in given}
    elif target == "-m" and words[0] in ("monai.bundle", "custom.bundle"):
        line = CommandLine.read(["monai/bundle/__main__.py", *words[1:]])
        check_overrides(line)
        assert words[2] in line.parser()
    elif program == "deploy/.venv/bin/python":
        # An application of MONAI's App SDK: its arguments are the SDK's.
        assert (ROOT / words[0] / "__main__.py").is_file()
        assert [word for word in words if word.startswith("-")] == ["-i", "-o", "-m"]
    elif words[:1] == ["benchmarks"]:
        assert not [flag for flag in flags(words) if not takes("benchmarks/__main__.py", flag)]
    elif target == "-m":
        assert words[0] in ("pip", "mlflow")
    else:
        assert program == "python"
        assert not [flag for flag in flags(words) if not takes(target, flag)]


@pytest.mark.parametrize("script", ["scripts/train.sh", "scripts/setup.sh", "deploy/setup.sh"])
def test_shell_scripts_have_help(script):
    shown = subprocess.run(["bash", script, "--help"], capture_output=True, text=True, check=True).stdout
    assert f"bash {script}" in shown


def test_linked_and_named_files_exist():
    linked = re.findall(r"\]\((?!http)([^)#]+)\)", README)
    named = re.findall(r"`((?:scripts|bundle/configs)/[A-Za-z0-9_./]+\.\w+)`", README)
    absent = [name for name in {*linked, *named} if not (ROOT / name).exists()]
    assert not absent


def test_keys_of_the_table_of_readings_are_in_the_configs():
    table = README.split("### What the paper leaves open")[1].split("## ")[0]
    keys = {key for row in table.splitlines() for key in re.findall(r"`([a-z_]+)`", row.rpartition(" | ")[2])}
    values = {"attack", "rescale", "normalized", "sign", "evaluation", "training", "val_accuracy_clean"}
    parser = CommandLine(("bundle/configs/train.json", "bundle/configs/evaluate.json")).parser()
    assert keys - values
    assert not [key for key in keys - values if key not in parser]


def test_methods_of_the_table_are_all_there_are():
    from custom.methods import method_names

    table = README.split("`--method` is one of")[1].split("`amat` needs")[0]
    names = re.findall(r"^\| `(\w+)`", table, re.MULTILINE)
    assert sorted(names) == method_names()
