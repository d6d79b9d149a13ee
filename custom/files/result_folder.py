"""Folders of results that appear, and are replaced, as a whole."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Collection, Sequence
from pathlib import Path
from types import TracebackType

from custom.files.atomic import move_together
from custom.files.exchange import exchange
from custom.files.partial import PARTIAL, Partial, clean_up
from custom.files.signals import signals_deferred

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)


class ResultFolder:
    """Write results beside their place, and put them there in one step when they are complete.

    Neither an error nor a signal nor a full disk nor the end of the process at any moment loses the earlier results:
    they are exchanged for the new ones by one system call if the file system has it, and else by two moves that the
    next start finishes. If the new results are complete and cannot be put in place, they are kept under another
    name. What a killed process has left half-made is removed by the next one that writes beside it.

    Args:
        output: the folder to be made or replaced.
        entries: all that such a folder may hold. One that holds anything else is somebody's own, and never replaced.
        kind: what it holds, for messages.
        carry_over: entries of the earlier results that stay, unless there are new ones of that name.

    Raises:
        ValueError: if ``output`` is a file, or holds other files than ``entries``.

    Example::

        >>> import tempfile
        >>> from pathlib import Path
        >>> from custom.files import ResultFolder
        >>> output = Path(tempfile.mkdtemp()) / "evaluation"
        >>> with ResultFolder(output, entries={"metrics.json"}) as folder:
        ...     _ = (folder / "metrics.json").write_text("{}")
        >>> [path.name for path in output.iterdir()]
        ['metrics.json']

    """

    def __init__(
        self, output: Path, entries: Collection[str], kind: str = "results", carry_over: Sequence[str] = ()
    ) -> None:
        self.output = output
        # A link to a folder elsewhere stays a link.
        self._place = output.resolve()
        self.entries = frozenset(entries)
        self.kind = kind
        self.carry_over = tuple(carry_over)
        self._partial: Partial | None = None
        self.check()

    def check(self) -> None:
        """Make sure that results may take this place.

        Raises:
            ValueError: if ``output`` is a file, or holds other files than ``entries``.
        """
        if self.output.exists() and not self.output.is_dir():
            raise ValueError(f"{self.output} is a file; pass a folder for the {self.kind}.")
        clean_up(self.output)
        names = sorted(path.name for path in self.output.iterdir()) if self.output.exists() else []
        # A partial file that is still there belongs to a process that is about to write one of the entries.
        foreign = [name for name in names if name not in self.entries and not PARTIAL.fullmatch(name)]
        if foreign:
            raise ValueError(
                f"{self.output} holds other files than {self.kind} ({foreign[0]}); pass a folder of their own."
            )

    def open(self) -> Path:
        """Make the hidden folder beside ``output`` to write to; it is removed if the program ends before `commit`.

        Raises:
            OSError: if it cannot be made.
        """
        try:
            self._partial = Partial(self._place, folder=True)
        except OSError as error:
            raise OSError(f"Cannot write to {self.output.parent}: {error.strerror}.") from error
        return self._partial.path

    def commit(self) -> None:
        """Put the folder in its place.

        Raises:
            ValueError: if other things were put there in the meantime.
            OSError: if it cannot be put there; it names where the new results are instead.
        """
        assert self._partial is not None, "open() comes first"
        new = self._partial.path
        with signals_deferred():
            try:
                self.check()
                self._keep_earlier(new)
                if not self._place.exists():
                    new.rename(self._place)
                elif not exchange(new, self._place):
                    move_together([(new, self._place)])
            except (OSError, ValueError) as error:
                kept = self._keep_new(new)
                reason = error.strerror if isinstance(error, OSError) else str(error).rstrip(".")
                raise type(error)(f"{reason}; the new {self.kind} are in {kept}.") from error
            finally:
                # By now the earlier results, or nothing.
                self.discard()

    def discard(self) -> None:
        """Remove what was written since `open`."""
        if self._partial is not None:
            self._partial.close()
            self._partial = None

    def __enter__(self) -> Path:
        return self.open()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.commit()
            return
        self.discard()
        number = error_number(error)
        if number in FULL:
            # What was written is hidden, so that its names say nothing to the user.
            raise OSError(
                number,
                f"Cannot write the {self.kind} to {self.output}: {os.strerror(number)}; what was there is unchanged",
            ) from error

    def _keep_earlier(self, new: Path) -> None:
        for name in self.carry_over:
            clean_up(self.output / name)
            if (self.output / name).exists() and not (new / name).exists():
                _copy_by_link(self.output / name, new / name)

    def _keep_new(self, new: Path) -> Path:
        """Give complete results that cannot be put in place a name that is seen."""
        number = 1
        while (kept := self._place.with_name(f"{self._place.name}-new-{number}")).exists():
            number += 1
        try:
            new.rename(kept)
        except OSError:
            kept = new
        assert self._partial is not None
        self._partial.keep()
        self._partial = None
        return kept


def error_number(error: BaseException | None) -> int | None:
    """The system's number of an error, or of the first of its causes that has one."""
    while error is not None:
        if isinstance(error, OSError) and error.errno is not None:
            return error.errno
        error = error.__cause__
    return None


def _copy_by_link(source: Path, target: Path) -> None:
    """Copy a file or folder, by hard links if the file system has them."""
    if source.is_dir():
        # What another process is about to write there is no result yet.
        shutil.copytree(source, target, copy_function=_linked, ignore=shutil.ignore_patterns(".*.partial"))
    else:
        _linked(str(source), str(target))


def _linked(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise
        shutil.copy2(source, target)
    return target
