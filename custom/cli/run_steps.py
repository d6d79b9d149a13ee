"""Running the steps of a verb."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence

from custom.cli.steps import ROOT, Step, shown


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
                from custom.cli.estimate import training_estimate  # here: it imports PyTorch

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
