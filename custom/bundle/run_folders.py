"""Each training in a folder of its own, and the same folder again when it goes on."""

from __future__ import annotations

import itertools
from pathlib import Path

from custom.distributed import first_process_decides
from custom.handlers.checkpoint import CHECKPOINT_NAME


def run_folder(root: str, name: str, resume: bool = False) -> str:
    """Choose the folder of a training.

    A new training takes the first of ``name``, ``name-2``, ``name-3``, ... below ``root`` that is not in use;
    one that goes on takes the latest of them that has a checkpoint. Nothing is written. Of several processes the
    first one chooses for all.

    Args:
        root: the folder of all trainings.
        name: name of this one.
        resume: whether the training goes on.

    Returns:
        The path of the folder.

    Raises:
        FileNotFoundError: when there is nothing to go on from.

    Example::

        >>> from custom.bundle import run_folder
        >>> run_folder("runs", "dpaat-resnet34")
        'runs/dpaat-resnet34'

    """
    return first_process_decides(_run_folder, root, name, resume)


def _run_folder(root: str, name: str, resume: bool) -> str:
    latest: Path | None = None
    for number in itertools.count(1):
        folder = Path(root) / (name if number == 1 else f"{name}-{number}")
        if not in_use(folder):
            break
        if (folder / CHECKPOINT_NAME).is_file():
            latest = folder
    if not resume:
        return str(folder)
    if latest is None:
        raise FileNotFoundError(
            f"There is no checkpoint of a training {name!r} in {root} to go on from: start without --resume."
        )
    return str(latest)


def in_use(folder: Path) -> bool:
    """Whether there is something at the place of ``folder``, other than an empty folder."""
    return folder.exists() and not (folder.is_dir() and not any(folder.iterdir()))
