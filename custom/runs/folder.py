"""One run, one folder: chosen, claimed and locked."""

from __future__ import annotations

import atexit
import itertools
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from custom.files import clean_up
from custom.runs.names import CHECKPOINT_NAME, CONFIG_NAME, LOCK_NAME

if TYPE_CHECKING:
    from filelock import FileLock

_locks: dict[Path, FileLock] = {}


def run_folder(root: str, name: str, resume: bool = False) -> str:
    """Choose the folder of a training and claim it.

    A new training takes the first of ``name``, ``name-2``, ``name-3``, ... below ``root`` that is not in use; one
    that resumes takes the latest of them. The folder is locked until this process ends, so that no two trainings
    share one; if nothing was written to it by then, it is removed. Of several processes that train together the
    first one chooses for all.

    Args:
        root: the folder of all trainings.
        name: name of this one.
        resume: whether the training resumes.

    Returns:
        The path of the folder.

    Raises:
        FileNotFoundError: if there is nothing to resume.
        FileExistsError: if the training to resume is running.
        OSError: if the folder cannot be written.

    Example::

        >>> import tempfile
        >>> from pathlib import Path
        >>> from custom.runs import run_folder
        >>> Path(run_folder(tempfile.mkdtemp(), "dpaat-resnet34")).name
        'dpaat-resnet34'

    """
    from custom.distributed import first_process_decides  # here: names of files can be had without torch

    return first_process_decides(_run_folder, root, name, resume)


def claim(folder: str | Path, resume: bool = False) -> None:
    """Make a folder that was named by the user this training's own; see :func:`run_folder`.

    Args:
        folder: the folder of the run; made if missing.
        resume: whether the training resumes there.

    Raises:
        FileNotFoundError: if there is nothing to resume.
        FileExistsError: if another training is running there, or left its results there.
        OSError: if the folder cannot be written.

    Example::

        >>> import tempfile
        >>> from custom.runs import claim
        >>> claim(tempfile.mkdtemp())

    """
    from custom.distributed import first_process_decides

    first_process_decides(_claim, Path(folder), resume)


def in_use(folder: Path) -> bool:
    """Whether anything is at the place of ``folder`` but an empty folder, and what a killed process left half-made."""
    if not folder.is_dir():
        return folder.exists()
    clean_up(folder)
    return any(entry.name != LOCK_NAME for entry in folder.iterdir())


def _run_folder(root: str, name: str, resume: bool) -> str:
    names = (name if number == 1 else f"{name}-{number}" for number in itertools.count(1))
    folders = (Path(root) / name for name in names)
    if resume:
        used = [folder for folder in itertools.takewhile(in_use, folders) if _resumable(folder)]
        if not used:
            raise FileNotFoundError(f"No training {name!r} to resume found in {root}; start it without --resume.")
        _claim(used[-1], resume)
        return str(used[-1])
    # In use, or claimed by a training that has just started, here or in another process: the next one.
    free = (folder for folder in folders if not in_use(folder) and folder.absolute() not in _locks)
    return str(next(folder for folder in free if _lock(folder) and not in_use(folder)))


def _claim(folder: Path, resume: bool) -> None:
    if resume and not _resumable(folder):
        raise FileNotFoundError(f"No training to resume found in {folder}; start it without --resume.")
    if not resume and in_use(folder):
        raise FileExistsError(
            f"{folder} holds another training's results; pass another --output_dir, or --resume to continue it."
        )
    if not _lock(folder):
        raise FileExistsError(f"Another process is training in {folder}; wait for it, or pass another --output_dir.")


def _resumable(folder: Path) -> bool:
    """Whether a training began there, be it that it finished no epoch."""
    return (folder / CHECKPOINT_NAME).is_file() or (folder / CONFIG_NAME).is_file()


def _lock(folder: Path) -> bool:
    """Make the folder, lock it until this process ends, and check that it can be written; False if it is locked."""
    from filelock import FileLock, Timeout  # here: what is in a folder can be told without packages

    place = folder.absolute()
    if place in _locks:
        return True
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / LOCK_NAME)
        lock.acquire(blocking=False)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"\0" * 4096)
    except Timeout:
        return False
    except OSError as error:
        raise OSError(f"Cannot write to the output folder {folder}: {error.strerror}.") from error
    _locks[place] = lock
    return True


def release() -> None:
    """Unlock all folders of this process, and remove those in which nothing was written."""
    for folder, lock in _locks.items():
        lock.release()
        if folder.is_dir():
            (folder / LOCK_NAME).unlink(missing_ok=True)
            if not any(folder.iterdir()):
                folder.rmdir()
    _locks.clear()


atexit.register(release)
