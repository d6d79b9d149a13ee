"""Whether the commands of a page exist and take what they are given, without running them."""

import re
import shlex
import subprocess
from pathlib import Path

from custom.cli import CommandLine, check_overrides
from custom.cli.verbs import VERBS, parser_of, split_overrides

ROOT = Path(__file__).parents[2]
CONFIGS = ("bundle/configs/train.json", "bundle/configs/quickstart.json")
OWN_FLAGS = {
    "scripts/train.sh": {"--data", "--example", "--quick", "--evaluate"},
    "scripts/test.sh": {"--slow", "-k"},
    "scripts/setup.sh": {"--test"},
    "deploy/setup.sh": {"--test"},
}
MODULES = ("pip", "mlflow")
"""Programs whose arguments are their own."""


def blocks(page: str, language: str) -> list[str]:
    """The code of a page in one language."""
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


def commands(page: str) -> list[str]:
    """The commands of a page, a line each."""
    lines = "".join(blocks(page, "bash")).replace("\\\n", " ").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


def check_command(command: str) -> None:
    """Fail if a command, started at the repository's root, is not there or does not take its arguments."""
    program, target, *words = shlex.split(command, comments=True)
    if program == "torchrun":
        # Its own arguments, then those of a module as of python.
        target, words = "-m", words[words.index("-m") + 1 :]
    if program == "source":
        assert target == ".venv/bin/activate"
    elif program == "bash":
        _check_shell(target, words)
    elif program == "deploy/.venv/bin/python":
        # An application of MONAI's App SDK: its arguments are the SDK's.
        assert (ROOT / words[0] / "__main__.py").is_file()
        assert [word for word in words if word.startswith("-")] == ["-i", "-o", "-m"]
    elif target == "-m" and words[0] in ("monai.bundle", "custom.bundle"):
        _check_bundle(words[1:])
    elif target == "-m" and words[0] == "custom":
        _check_verb(*words[1:])
    elif target == "-m" and words[0] == "benchmarks":
        assert not unknown_flags("benchmarks/__main__.py", words)
    elif target == "-m":
        assert words[0] in MODULES
    else:
        assert program == "python"
        assert not unknown_flags(target, words)


def unknown_flags(script: str, words: list[str]) -> list[str]:
    """The flags that a script does not have."""
    # Reading is enough: starting each script for its --help would take longer than all the other tests here.
    text = (ROOT / script).read_text(encoding="utf-8")
    return [flag for flag in flags(words) if f'"{flag}"' not in text]


def flags(words: list[str]) -> set[str]:
    """The long flags among the words of a command."""
    return {word.split("=")[0] for word in words if re.match(r"--[A-Za-z]", word)}


def _check_shell(script: str, words: list[str]) -> None:
    subprocess.run(["bash", "-n", ROOT / script], check=True)
    if script == "scripts/test.sh":
        return
    own = OWN_FLAGS[script]
    rest = [word for word in words if word not in own and not (word == "DIR" or word.startswith("data/"))]
    line = CommandLine.read(["monai/bundle/__main__.py", "run", *rest, "--config_file", "unused"])
    given = line.overrides if line else {}
    check_overrides(CommandLine(CONFIGS, given))
    assert flags(rest) == {f"--{name}" for name in given}


def _check_bundle(words: list[str]) -> None:
    line = CommandLine.read(["monai/bundle/__main__.py", *words])
    assert line is not None
    # The config of a run is that of its training, with the values of the run.
    ours = tuple("bundle/configs/train.json" if name.endswith("/config.json") else name for name in _split(line))
    line = CommandLine(ours, line.overrides, line.tracking, line.run_id, line.dropped)
    if line.overrides.get("method") != "careful":
        check_overrides(line)
    assert line.run_id in line.parser()


def _split(line: CommandLine) -> list[str]:
    return [name for names in line.config_files for name in names.split(",")]


def _check_verb(name: str, *words: str) -> None:
    verb = VERBS[name]
    parser = parser_of(name, verb)
    own, overrides = split_overrides(words, parser)
    parser.parse_args(own)
    if overrides:
        line = CommandLine.read(["monai/bundle/__main__.py", "run", *overrides, "--config_file", "unused"])
        assert line is not None
        assert verb.configs
        check_overrides(CommandLine(tuple(f"bundle/configs/{file}" for file in verb.configs), line.overrides))
