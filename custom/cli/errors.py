"""Errors that a user can fix, in one sentence instead of a traceback."""

from __future__ import annotations

import functools
import logging
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from types import FrameType, TracebackType
from typing import ParamSpec

from custom.cli.environment import missing_environment, packages_found
from custom.cli.user_error import one_line, raised_here, user_error

Arguments = ParamSpec("Arguments")

INTERRUPTED = 130
"""Exit code of a program that Ctrl-C, SIGTERM or SIGHUP ended: 128 + SIGINT."""
WITH_RESUME = "the same command with --resume continues after the last finished epoch"
SAME_COMMAND = "start the same command again"


def make_errors_readable(after_interruption: str = WITH_RESUME) -> None:
    """Report errors that a user can fix as one sentence, and an interruption as what to do next.

    From here on, an uncaught ``ValueError``, ``OSError`` or ``FloatingPointError``, also one that MONAI
    wrapped in errors of its own, ends the process with ``error: ...`` on stderr and exit code 1. Anything
    else keeps its traceback. Ctrl-C, SIGTERM (as schedulers send it) and SIGHUP (as a closed terminal sends it) end it
    with exit code 130, after the handlers of the training have closed their files and records. Of several
    processes that train together one speaks for all. With ``MONAI_DEBUG=1`` in the environment everything stays
    as Python has it.

    Args:
        after_interruption: what to do after an interruption.

    Example::

        >>> from custom.cli import make_errors_readable
        >>> make_errors_readable()

    """
    if debugging():
        return
    sys.excepthook = functools.partial(report, after_interruption=after_interruption)
    # Ignite logs each exception once more in every engine that it passes through.
    logging.getLogger("ignite.engine").setLevel(logging.CRITICAL)
    interrupt_on_signals()


def debugging() -> bool:
    """Whether ``MONAI_DEBUG`` asks for tracebacks."""
    return os.environ.get("MONAI_DEBUG", "").lower() in ("1", "true")


def interrupt_on_signals() -> None:
    """Let SIGTERM and SIGHUP interrupt the program as Ctrl-C does, so that it closes what it has open."""
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:  # not, for instance, ignored by nohup
            signal.signal(number, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    # Schedulers send several; those that follow must not interrupt the closing.
    for other in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(other, signal.SIG_IGN)
    raise KeyboardInterrupt


def _program() -> str:
    """The script's name, or that of the package if it was started by ``python -m``."""
    path = Path(sys.argv[0])
    return path.parent.name if path.name == "__main__.py" else path.name


def _missing_package(error: BaseException) -> OSError | None:
    """What to do about a package that is missing, if that is because this Python is not the project's."""
    absent = isinstance(error, ModuleNotFoundError) and not packages_found()
    return OSError(missing_environment()) if absent else None


def readable_errors(main: Callable[Arguments, int]) -> Callable[Arguments, int]:
    """Make a script's ``main`` report errors that a user can fix as one sentence, and return 1.

    After Ctrl-C, SIGTERM or SIGHUP it says so in one line and returns 130.

    Args:
        main: returns the exit code.

    Example::

        >>> from custom.cli import readable_errors
        >>> @readable_errors
        ... def main():
        ...     raise ValueError("epsilon must not be negative.")
        >>> main()
        1

    """

    @functools.wraps(main)
    def reporting(*args: Arguments.args, **kwargs: Arguments.kwargs) -> int:
        if debugging():
            return main(*args, **kwargs)
        program = _program()
        interrupt_on_signals()
        try:
            return main(*args, **kwargs)
        except KeyboardInterrupt:
            print(f"\n{program}: interrupted; {SAME_COMMAND}.", file=sys.stderr)
            return INTERRUPTED
        except Exception as error:
            fixable = user_error(error) or _missing_package(error)
            if fixable is None:
                raise
            print(f"{program}: {one_line(fixable)}", file=sys.stderr)
            return 1

    return reporting


def report(
    kind: type[BaseException],
    error: BaseException,
    trace: TracebackType | None,
    after_interruption: str = WITH_RESUME,
) -> None:
    """Print an uncaught exception, or what to do after an interruption; what ``sys.excepthook`` becomes.

    Args:
        kind: the exception's class.
        error: the exception.
        trace: where it was raised.
        after_interruption: what to do after an interruption.

    Raises:
        SystemExit: after an interruption, with its exit code.
    """
    sys.stdout.flush()
    together = Reports()
    fixable = user_error(error)
    if issubclass(kind, KeyboardInterrupt):
        if together.first_to_report():
            print(f"\nInterrupted: {after_interruption}.", file=sys.stderr)
    elif fixable is not None:
        if together.first_to_report():
            hint = "" if raised_here(fixable) else " (Start with MONAI_DEBUG=1 to see where this comes from.)"
            print(f"error: {one_line(fixable)}{hint}", file=sys.stderr)
    elif not together.reported_already():
        # Otherwise it is most likely what the end of the process that has reported did to this one.
        traceback.print_exception(kind, error, trace)
    sys.stderr.flush()
    together.wait_for_the_first()
    if issubclass(kind, KeyboardInterrupt):
        # Python's own exit code after Ctrl-C depends on how it was started.
        raise SystemExit(INTERRUPTED)


class Reports:
    """The reports of all processes that train together; of one process, without importing PyTorch for it."""

    def __init__(self) -> None:
        self.alone = int(os.environ.get("WORLD_SIZE", "1")) == 1

    def first_to_report(self) -> bool:
        """Whether no process has reported an error so far."""
        if self.alone:
            return True
        from custom.distributed.reports import first_to_report

        return first_to_report()

    def reported_already(self) -> bool:
        """Whether a process has reported an error."""
        if self.alone:
            return False
        from custom.distributed.reports import reported_already

        return reported_already()

    def wait_for_the_first(self) -> None:
        """Stay until the first process has closed its records."""
        if not self.alone:
            from custom.distributed.reports import wait_for_the_first

            wait_for_the_first()
