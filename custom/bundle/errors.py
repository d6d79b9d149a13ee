"""Errors that a user can mend, in one sentence instead of a traceback."""

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
from types import TracebackType
from typing import ParamSpec

from custom.distributed.reports import first_to_report, reported_already, wait_for_the_first

Arguments = ParamSpec("Arguments")

USER_ERRORS = (ValueError, OSError, FloatingPointError)
INTERRUPTED = 130
"""Exit code of a program that Ctrl-C ended: 128 + SIGINT."""
WITH_RESUME = "the same command with --resume goes on from the last finished epoch"


def make_errors_readable(going_on: str = WITH_RESUME) -> None:
    """Report errors that a user can mend as one sentence, and an interruption as what to do next.

    From here on, an uncaught ``ValueError``, ``OSError`` or ``FloatingPointError``, also one that MONAI
    wrapped in errors of its own, ends the process with ``error: ...`` on stderr and exit code 1. Anything
    else keeps its traceback. Ctrl-C and SIGTERM (as schedulers send it) end it with exit code 130. Of several
    processes that train together one speaks for all. With ``MONAI_DEBUG=1`` in the environment everything stays
    as Python has it.

    Args:
        going_on: what to do after an interruption.

    Example::

        >>> from custom.bundle import make_errors_readable
        >>> make_errors_readable()

    """
    if os.environ.get("MONAI_DEBUG", "").lower() in ("1", "true"):
        return
    sys.excepthook = functools.partial(_report, going_on=going_on)
    # Ignite logs each exception once more in every engine that it passes through.
    logging.getLogger("ignite.engine").setLevel(logging.CRITICAL)
    if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        # So that a run is closed as interrupted, instead of just ending.
        signal.signal(signal.SIGTERM, signal.default_int_handler)


def user_error(error: BaseException) -> BaseException | None:
    """Find the error that tells the user what is wrong.

    Args:
        error: what was caught.

    Returns:
        The outermost error of a kind that users can mend among ``error`` and its explicit causes; ``None``
        where there is none, so that the program is to blame.

    Example::

        >>> from custom.bundle.errors import user_error
        >>> wrapped = RuntimeError("Failed to instantiate component")
        >>> wrapped.__cause__ = ValueError("epsilon must not be negative.")
        >>> user_error(wrapped)
        ValueError('epsilon must not be negative.')

    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, USER_ERRORS):
            return cause
        cause = cause.__cause__
    return None


def readable_errors(main: Callable[Arguments, int]) -> Callable[Arguments, int]:
    """Make a script's ``main`` report errors that a user can mend as one sentence, and return 1.

    Args:
        main: returns the exit code.

    Example::

        >>> from custom.bundle import readable_errors
        >>> @readable_errors
        ... def main():
        ...     raise ValueError("epsilon must not be negative.")
        >>> main()
        1

    """

    @functools.wraps(main)
    def reporting(*args: Arguments.args, **kwargs: Arguments.kwargs) -> int:
        try:
            return main(*args, **kwargs)
        except Exception as error:
            mendable = user_error(error)
            if mendable is None:
                raise
            print(f"{Path(sys.argv[0]).name}: {mendable}", file=sys.stderr)
            return 1

    return reporting


def _report(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None, going_on: str = WITH_RESUME
) -> None:
    """Print an uncaught exception, or what to do after an interruption; what ``sys.excepthook`` becomes."""
    sys.stdout.flush()
    mendable = user_error(error)
    if issubclass(kind, KeyboardInterrupt):
        if first_to_report():
            print(f"\nInterrupted: {going_on}.", file=sys.stderr)
    elif mendable is not None:
        if first_to_report():
            hint = "" if _raised_here(mendable) else " (Start with MONAI_DEBUG=1 to see where this comes from.)"
            print(f"error: {mendable}{hint}", file=sys.stderr)
    elif not reported_already():
        # Otherwise it is most likely what the end of the process that has reported did to this one.
        traceback.print_exception(kind, error, trace)
    sys.stderr.flush()
    wait_for_the_first()
    if issubclass(kind, KeyboardInterrupt):
        # Python's own exit code after Ctrl-C depends on how it was started.
        raise SystemExit(INTERRUPTED)


def _raised_here(error: BaseException) -> bool:
    """Whether this project raised the error, so that its message was written for the user."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    return bool(frames) and frames[-1].f_globals.get("__name__", "").startswith("custom.")
