"""The command lines that a verb consists of, and running them."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
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


def run_steps(steps: Sequence[Step], dry_run: bool = False) -> int:
    """Run steps one after the other until one fails.

    Args:
        steps: the steps.
        dry_run: only print them.

    Returns:
        The exit code of the last one that ran.
    """
    folder = ""
    maker = None
    for step in steps:
        if step.says:
            if not dry_run:
                print(step.says)
            continue
        if dry_run:
            print(step)
            maker = step if step.per_class else maker
            if step.trains:
                from custom.cli.estimate import training_estimate

                print(f"  {training_estimate(step.arguments, maker)}")
            continue
        code, printed = _run(step.with_folder(folder))
        if code:
            return code
        folder = printed.strip() or folder
        if step.results is not None and step.results.exists():
            print(f"Results: {shown(step.results)}", flush=True)
    return 0


def _run(step: Step) -> tuple[int, str]:
    """Run a step; its exit code, and what it printed if that is a folder. Signals are passed on to it."""
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    # Threads that wait for each other in a busy loop stall as soon as they have to share a core.
    environment = {"OMP_WAIT_POLICY": "PASSIVE", **os.environ, "PYTHONPATH": path}
    output = subprocess.PIPE if step.prints_folder else None
    process = subprocess.Popen([sys.executable, *step.arguments], env=environment, stdout=output, text=True)
    handlers = {
        # Ctrl-C reaches every process of a terminal; whoever is alone gets it from here.
        number: signal.signal(number, lambda number, _: process.send_signal(number))
        for number in (signal.SIGTERM, signal.SIGHUP)
    }
    handlers[signal.SIGINT] = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        printed, _ = process.communicate()
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    # A child that a signal has ended has a negative code, shells add it to 128.
    return process.returncode if process.returncode >= 0 else 128 - process.returncode, printed or ""
