"""A process that has imported everything, and forks one after the other that is killed while it runs a command.

    python kill_server.py FOLDER LINE every-move|at-random TIMES

In the LINE ``{folder}`` is the folder that the command works in: a copy of ``FOLDER/start`` in ``FOLDER/N`` for the
N-th process. The first is left alone. Prints how each process ended, as JSON.
"""

from __future__ import annotations

import importlib
import json
import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path

import torch

from tests.cli.programs import run_program

PACKAGES = (
    *("monai.bundle", "monai.engines", "monai.transforms", "ignite.handlers", "matplotlib.pyplot", "sklearn.metrics"),
    *("custom.data.prepare", "custom.data.synthetic", "custom.evaluation", "custom.explain.handler", "custom.export"),
    *("custom.handlers", "custom.inferers", "custom.methods", "custom.report.explanations", "custom.runs"),
)
"""What the commands import, once for all processes that are forked."""

NEEDED = {"scripts/make_synthetic.py": ("custom.data.prepare", "custom.data.synthetic")}
"""Commands that need less."""

WATCHED = {"os.rename", "os.link", "ctypes.dlopen"}
"""Audit events of moves; the exchange of two folders has none but that of loading the C library for it."""


def run_until_move(line: str, folder: Path, last: int | None) -> None:
    """Run a command, killed before a move within the folder; ends the process."""
    torch.set_num_threads(1)
    moves = 0

    def count(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal moves
        if event in WATCHED and (event == "ctypes.dlopen" or str(folder) in " ".join(map(str, arguments))):
            moves += 1
            if moves == last:
                os.kill(os.getpid(), signal.SIGKILL)

    if last is not None:
        sys.addaudithook(count)
    outcome = run_program(line)
    print(outcome.stderr, file=sys.stderr, flush=True)
    os._exit(outcome.code)


def main(folder: Path, line: str, way: str, times: int) -> None:
    """Run the command again and again, and print how each process ended."""
    for package in NEEDED.get(line.split()[0], PACKAGES):
        importlib.import_module(package)
    chance = random.Random(0)
    codes: list[int] = []
    duration = 0.0
    for number in range(times + 1):
        work = folder / str(number)
        shutil.copytree(folder / "start", work, symlinks=True)
        started = time.monotonic()
        process = os.fork()
        if process == 0:
            run_until_move(line.format(folder=work), work, number if number and way == "every-move" else None)
        if number and way == "at-random":
            time.sleep(chance.uniform(0, duration))
            os.kill(process, signal.SIGKILL)
        codes.append(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
        if codes[0] != 0:
            break
        duration = duration or time.monotonic() - started
        if way == "every-move" and number and codes[-1] == 0:
            break
    print(json.dumps(codes), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]))
