"""Files that are either whole or as they were before."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from custom.files.partial import Journal, Partial, remove, set_aside
from custom.files.signals import signals_deferred


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file beside its place, and move it there in one step.

    Args:
        path: the file; its folder is made if it is missing.
        content: what it is to hold.

    Raises:
        OSError: if it cannot be written, in one sentence; what was there is unchanged.

    Example::

        >>> import tempfile
        >>> from pathlib import Path
        >>> from custom.files import write_atomically
        >>> write_atomically(Path(tempfile.mkdtemp()) / "note.txt", b"done")

    """
    write_together({path: content})


def write_together(contents: Mapping[Path, bytes]) -> None:
    """Write several files of one folder: all of them, or none.

    Nothing is moved to its place before everything is written. A process that is killed between two moves leaves a
    journal, from which the next one that writes to the folder makes the others.

    Args:
        contents: files of the same folder, and what each is to hold.

    Raises:
        OSError: if one cannot be written, in one sentence; what was there is unchanged.

    Example::

        >>> import tempfile
        >>> from pathlib import Path
        >>> from custom.files import write_together
        >>> folder = Path(tempfile.mkdtemp())
        >>> write_together({folder / "table.csv": b"a,b", folder / "table.json": b"{}"})

    """
    moves: list[tuple[Partial, Path]] = []
    path = Path()
    try:
        for path, content in contents.items():
            partial = Partial(path)
            moves.append((partial, path))
            with partial.path.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        move_together((partial.path, path) for partial, path in moves)
    except OSError as error:
        raise OSError(f"Cannot write {path}: {error.strerror}; the file that was there is unchanged.") from error
    finally:
        for partial, _ in moves:
            partial.close()


def move_together(moves: Iterable[tuple[Path, Path]]) -> None:
    """Move files and folders to their places in one folder: all of them, or none.

    Args:
        moves: sources and targets, all of them in the same folder; what is at a target is replaced.

    Raises:
        OSError: if one cannot be moved; what was there is unchanged.
    """
    pairs = list(moves)
    with signals_deferred():
        if len(pairs) == 1 and not pairs[0][1].is_dir():
            pairs[0][0].replace(pairs[0][1])
            return
        journal = Journal(pairs)
        done: list[tuple[Path, Path, Path | None]] = []
        try:
            for source, target in pairs:
                done.append((source, target, set_aside(target)))
                source.replace(target)
        except OSError:
            _undo(done)
            raise
        finally:
            journal.close()
        for _, _, aside in done:
            if aside is not None:
                remove(aside)


def _undo(done: list[tuple[Path, Path, Path | None]]) -> None:
    for source, target, aside in reversed(done):
        if target.exists() and not source.exists():
            target.replace(source)
        if aside is not None:
            aside.replace(target)
            # Two links to one file stay two links when one is moved to the other.
            remove(aside)
