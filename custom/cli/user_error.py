"""Which error tells the user what is wrong, and its message in one line."""

from __future__ import annotations

import builtins
import inspect
import os
import re
import traceback

USER_ERRORS = (ValueError, OSError, FloatingPointError)
WORKER = re.compile(r"Caught \w+ in DataLoader worker process")
RAISED = re.compile(r"^(\w+Error): (.+)$", re.MULTILINE)


def user_error(error: BaseException) -> BaseException | None:
    """Find the error that tells the user what is wrong.

    Args:
        error: what was caught.

    Returns:
        The outermost error of a kind that users can fix among ``error`` and its explicit causes; ``None``
        if there is none, so that the program is to blame.

    Example::

        >>> from custom.cli.user_error import user_error
        >>> wrapped = RuntimeError("Failed to instantiate component")
        >>> wrapped.__cause__ = ValueError("epsilon must not be negative.")
        >>> user_error(wrapped)
        ValueError('epsilon must not be negative.')

    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, USER_ERRORS):
            return cause
        if cause.__cause__ is None:
            return _error_of_worker(cause)
        cause = cause.__cause__
    return None


def one_line(error: BaseException) -> str:
    """The message of an error without line breaks.

    Args:
        error: the error.
    """
    text = str(error)
    if isinstance(error, OSError) and error.strerror:
        # Without the system's number of the error.
        names = [os.fsdecode(name) for name in (error.filename, error.filename2) if isinstance(name, str | bytes)]
        text = ": ".join([error.strerror, " -> ".join(names)]) if names else f"{error.strerror}."
    return " ".join(text.split()) or type(error).__name__


def raised_here(error: BaseException) -> bool:
    """Whether this project raised an error, so that its message was written for the user.

    Args:
        error: the error.
    """
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    return bool(frames) and frames[-1].f_globals.get("__name__", "").startswith("custom.")


def _error_of_worker(error: BaseException) -> BaseException | None:
    """The error that tells the user what is wrong, if a worker of PyTorch's ``DataLoader`` has raised it.

    What comes from another process has no causes, but their traceback in its message, the outermost cause last.
    """
    if not WORKER.match(str(error)):
        return None
    raised = [(getattr(builtins, name, None), message) for name, message in RAISED.findall(str(error))]
    fixable = [kind(message) for kind, message in raised if inspect.isclass(kind) and issubclass(kind, USER_ERRORS)]
    return fixable[-1] if fixable else None
