"""Partial files: hidden siblings of what is being written, locked by the process that writes them.

The operating system releases the lock of a process that is killed, so that whoever writes to the same folder next
recognizes what was left behind, whatever process ids have been reused in the meantime.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import uuid
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path

PARTIAL = re.compile(r"\..+\.[0-9a-f]{12}\.partial")
JOURNAL = re.compile(r"\.[0-9a-f]{12}\.moves")


class Partial:
    """A locked, hidden file or folder beside the place that it is made for.

    It is removed by :meth:`close`, when the object is garbage, and at the end of the program.

    Args:
        target: the place that it is made for; the parents are made if they are missing.
        folder: whether to make a folder instead of an empty file.

    Attributes:
        path: the hidden file or folder.

    Raises:
        OSError: if it cannot be made.
    """

    def __init__(self, target: Path, folder: bool = False) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        clean_up(target.parent)
        while True:
            self.path = hidden_sibling(target)
            if folder:
                self.path.mkdir()
            else:
                self.path.touch(exist_ok=False)
            lock = _lock_new(self.path)
            if lock is not None:
                break  # otherwise another process took it for a killed one's, before it was locked
        self._lock = lock
        self._finalizer = weakref.finalize(self, _discard, self.path, lock, os.getpid())

    def close(self) -> None:
        """Remove whatever is at the hidden path, and release the lock."""
        self._finalizer()

    def keep(self) -> None:
        """Release the lock and remove nothing."""
        self._finalizer.detach()
        os.close(self._lock)


class Journal:
    """The list of moves that a process is about to make, for `clean_up` to finish if the process is killed.

    Args:
        moves: sources and targets, all of them in the same folder.

    Raises:
        OSError: if it cannot be written.
    """

    def __init__(self, moves: Sequence[tuple[Path, Path]]) -> None:
        partial = Partial(moves[0][1].with_name("moves"))
        self.path = partial.path.with_name(f".{uuid.uuid4().hex[:12]}.moves")
        relative = [[os.path.relpath(path, self.path.parent) for path in move] for move in moves]
        partial.path.write_text(json.dumps(relative))
        # The lock follows the file to its new name.
        partial.path.rename(self.path)
        self._partial = partial

    def close(self) -> None:
        """Remove the journal: all moves are made, or undone."""
        self.path.unlink()
        self._partial.close()


def hidden_sibling(target: Path) -> Path:
    """A new name beside ``target`` that `clean_up` recognizes."""
    # The longest name that file systems take has 255 bytes, whatever the target's is.
    stem = os.fsdecode(os.fsencode(target.name)[:200])
    return target.with_name(f".{stem}.{uuid.uuid4().hex[:12]}.partial")


def clean_up(folder: Path) -> None:
    """Finish or remove what killed processes have left in a folder.

    Moves that were written to a journal are finished; partial files that no process holds are removed.

    Args:
        folder: the folder; nothing happens if it does not exist.
    """
    try:
        names = [entry.name for entry in os.scandir(folder) if entry.name.startswith(".")]
    except OSError:
        return  # whoever writes there says why it cannot be written
    journals = [folder / name for name in names if JOURNAL.fullmatch(name)]
    # While moves are to be made, nothing that they might need is removed.
    if all(_if_abandoned(journal, finish_moves) for journal in journals):
        for name in names:
            if PARTIAL.fullmatch(name):
                _if_abandoned(folder / name, remove)


def _if_abandoned(path: Path, act: Callable[[Path], None]) -> bool:
    """Do something with a hidden file or folder unless a process holds it; whether it was done."""
    try:
        lock = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    try:
        if not _lock(lock):
            return False
        act(path)
    except (OSError, ValueError):
        return False  # what cannot be done now is left for the next start
    finally:
        os.close(lock)
    return True


def finish_moves(journal: Path) -> None:
    """Make the moves of a journal that were not made yet, and remove the journal."""
    for source, target in json.loads(journal.read_text()):
        if (journal.parent / source).exists():
            aside = set_aside(journal.parent / target)
            (journal.parent / source).replace(journal.parent / target)
            if aside is not None:
                remove(aside)
    journal.unlink()


def set_aside(path: Path) -> Path | None:
    """Make way for a move to ``path``: a folder is renamed, a file is linked to a hidden name.

    Returns:
        Where the former content is, or ``None`` if there was none.
    """
    if not path.exists():
        return None
    aside = hidden_sibling(path)
    if path.is_dir():
        path.rename(aside)
    else:
        try:
            aside.hardlink_to(path)
        except OSError:
            shutil.copyfile(path, aside)
    return aside


def _lock(descriptor: int) -> bool:
    """Lock an open file or folder, unless another process holds it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False  # held, or on a file system without locks, on which nothing is known to be left behind
    return True


def _lock_new(path: Path) -> int | None:
    """Open and lock what was just made; ``None`` if another process has removed it, or is about to."""
    try:
        lock = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        held = path.exists()
    except BlockingIOError:
        held = False
    except OSError:
        held = True  # no locks on this file system
    if held:
        return lock
    os.close(lock)
    return None


def _discard(path: Path, lock: int, process: int) -> None:
    if os.getpid() == process:  # a forked worker must not remove what its parent is writing
        remove(path)
    os.close(lock)


def remove(path: Path) -> None:
    """Remove a file, a link or a folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
