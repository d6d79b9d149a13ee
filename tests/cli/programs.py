"""Programs of this project, run within the process of the tests, and what a user sees of them."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import runpy
import shlex
import signal
import sys
import warnings
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from custom.cli.bundle import run_bundle
from custom.cli.environment import monai_program
from custom.cli.errors import report
from custom.cli.steps import ROOT, Step


@dataclass(frozen=True)
class Outcome:
    """What a user sees of a program: its exit code, and what it printed on both streams."""

    code: int
    stdout: str
    stderr: str


def run_program(line: str | list[str]) -> Outcome:
    """Run ``custom.bundle``, ``custom``, ``monai.bundle`` or ``scripts/NAME.py`` with arguments in this process."""
    words = shlex.split(line) if isinstance(line, str) else line
    program, arguments = words[0], words[1:]
    stdout, stderr = io.StringIO(), io.StringIO()
    before = sys.argv, sys.excepthook, list(warnings.filters), logging.getLogger("ignite.engine").level
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)}
    folder = Path.cwd()
    with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
        try:
            code = _call(program, arguments)
        except SystemExit as end:
            code = end.code
        except BaseException as error:
            # What happens at the end of the process.
            code = 1
            hook = report if sys.excepthook is before[1] else sys.excepthook
            try:
                hook(type(error), error, error.__traceback__)
            except SystemExit as end:
                code = end.code
    os.chdir(folder)
    sys.argv, sys.excepthook = before[0], before[1]
    warnings.filters[:] = before[2]
    logging.getLogger("ignite.engine").setLevel(before[3])
    for number, handler in handlers.items():
        signal.signal(number, handler)
    return Outcome(code or 0, stdout.getvalue(), stderr.getvalue())


def run_verb(line: str) -> None:
    """Run ``custom VERB ...`` with each step that it consists of in this process, as starting one takes seconds."""
    steps = run_program(f"custom {line} --dry-run")
    assert steps.code == 0, steps.stderr
    for step in steps.stdout.splitlines():
        if not step.startswith("python "):
            continue  # how long it will take
        words = shlex.split(step)[1:]
        outcome = run_program(words[1:] if words[0] == "-m" else words)
        assert outcome.code == 0, f"{step}: {outcome.stdout[-2000:]}{outcome.stderr[-3000:]}"


def run_step_here(step: Step) -> tuple[int, str]:
    """Run a step of a verb within this process; what takes the place of ``custom.cli.run_steps._run``."""
    outcome = run_program([word for word in step.arguments if word != "-m"])
    print(outcome.stderr, file=sys.stderr)
    return outcome.code, outcome.stdout


def _call(program: str, arguments: list[str]) -> object:
    if program == "custom.bundle":
        return run_bundle(arguments)
    if program == "monai.bundle":
        sys.argv = [monai_program(), *arguments]
        runpy.run_module("monai.bundle", run_name="__main__", alter_sys=True)
        return 0
    if program == "custom":
        return import_module("custom.cli.verbs").main(arguments)
    sys.argv = [program, *arguments]
    script = (ROOT / program).relative_to(ROOT)
    return import_module(".".join(script.with_suffix("").parts)).main(arguments)


def content(folder: Path) -> dict[str, bytes | str]:
    """All files of a folder, and the places of its links, to see whether anything has changed."""
    return {
        str(path.relative_to(folder)): str(path.readlink()) if path.is_symlink() else path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or path.is_file()
    }
