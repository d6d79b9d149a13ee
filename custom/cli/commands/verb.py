"""What a verb is, and what verbs share."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from custom.cli.run_of_training import Overrides
from custom.cli.steps import ROOT, Step
from custom.runs.names import CONFIG_NAME, MODEL_NAME

RUN_FILES = (CONFIG_NAME, MODEL_NAME)


@dataclass(frozen=True)
class Verb:
    """One word of the command line.

    Attributes:
        summary: what it does, in a line.
        add_arguments: declares its own arguments.
        steps: the command lines for its arguments and overrides.
        configs: config files whose keys it takes as overrides; empty if it takes none.
    """

    summary: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    steps: Callable[[argparse.Namespace, list[str]], list[Step]]
    configs: tuple[str, ...] = ()


def run_argument(parser: argparse.ArgumentParser, several: bool = True) -> None:
    """Declare the RUN of a verb."""
    parser.add_argument("runs", nargs="+" if several else 1, type=Path, metavar="RUN", help="folder of a training")


def check_runs(runs: Sequence[Path], files: Sequence[str] = RUN_FILES) -> None:
    """Make sure that runs are finished trainings.

    Raises:
        FileNotFoundError: if one is not, naming what it lacks.
    """
    for run in runs:
        missing = next((name for name in files if not (run / name).is_file()), None)
        if missing:
            raise FileNotFoundError(f"No {missing} found in {run}; pass the folder of a training.")


def configs_over(run: Path, name: str) -> list[Path]:
    """The config files of something that is done with a run: its own, and the bundle's on top."""
    return [run / "config.json", ROOT / "bundle" / "configs" / name]


def results_of(key: str, configs: Sequence[Path], overrides: list[str], usual: Path) -> Path:
    """Where the results will be: in the folder that an override names, or the usual one."""
    if not any(word.startswith(f"--{key}") for word in overrides):
        return usual
    given = Overrides.read(configs, overrides)
    return Path(given.value(key)) if given.has(key) else usual
