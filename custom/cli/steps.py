"""The command lines that a verb consists of."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Step:
    """One command line.

    Attributes:
        arguments: what follows ``python``.
        results: where its results will be, to be said when it is done.
        prints_folder: whether its output is a folder, which the next step takes in the place of `FOLDER`.
        trains: whether it is a training, whose duration can be estimated.
        per_class: images of each class that it makes, if it makes a synthetic data set.
        says: what to print instead of running anything.
    """

    arguments: tuple[str, ...]
    results: Path | None = None
    prints_folder: bool = False
    trains: bool = False
    per_class: int = 0
    says: str = ""
    FOLDER: ClassVar[str] = "PREPARED"

    def with_folder(self, folder: str) -> Step:
        """The step with the folder that the one before has printed."""
        return replace(self, arguments=tuple(folder if word == self.FOLDER else word for word in self.arguments))

    def __str__(self) -> str:
        return shlex.join(["python", *self.arguments])


def bundle_step(
    run_id: str, configs: Sequence[Path], *arguments: str, results: Path | None = None, trains: bool = False
) -> Step:
    """A line of ``python -m custom.bundle``.

    Args:
        run_id: what is run.
        configs: the config files.
        arguments: overrides.
        results: see `Step`.
        trains: see `Step`.
    """
    files = ",".join(map(shown, configs))
    words = ("-m", "custom.bundle", "run", run_id, "--config_file", files, *arguments)
    return Step(words, results, trains=trains)


def script_step(
    name: str, *arguments: str, results: Path | None = None, prints_folder: bool = False, per_class: int = 0
) -> Step:
    """A line of one of the scripts.

    Args:
        name: file name of the script.
        arguments: its arguments.
        results: see `Step`.
        prints_folder: see `Step`.
        per_class: see `Step`.
    """
    return Step((shown(ROOT / "scripts" / name), *arguments), results, prints_folder, per_class=per_class)


def shown(path: Path) -> str:
    """A path as a reader wants it: relative to the working directory if it is below that."""
    absolute = path.resolve()
    return str(absolute.relative_to(Path.cwd())) if absolute.is_relative_to(Path.cwd()) else str(absolute)
