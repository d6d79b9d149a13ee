"""Result folders that are replaced as a whole."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PARTS = "attacks"
"""Folder of the finished attacks, from which an interrupted evaluation goes on."""

ENTRIES = frozenset({"metrics.json", "metrics.csv", "predictions.csv", "report.html", "pictures", PARTS})
"""All that a result folder may hold; a folder with anything else is somebody's own and never replaced."""


def check_result_folder(output: Path) -> None:
    """Make sure that a result folder may take this place.

    Args:
        output: the folder to be made or replaced.

    Raises:
        ValueError: if it is a file, or a folder that holds other things than results.
    """
    if output.exists() and not output.is_dir():
        raise ValueError(f"{output} is a file: give a folder for the results.")
    foreign = sorted(path.name for path in output.iterdir() if path.name not in ENTRIES) if output.exists() else []
    if foreign:
        raise ValueError(f"{output} holds other things than results ({foreign[0]}): give a folder of their own.")


@contextmanager
def new_result_folder(output: Path) -> Iterator[Path]:
    """Give an empty folder that takes the place of ``output`` if the block ends without an error.

    Finished attacks are carried over, earlier results are replaced.

    Args:
        output: the folder to be made or replaced.

    Yields:
        A temporary sibling to write to.

    Raises:
        ValueError: as `check_result_folder` does.
    """
    check_result_folder(output)
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{output.name}-", dir=output.parent) as temporary:
        new, old = Path(temporary) / "new", Path(temporary) / "old"
        new.mkdir()
        yield new
        if output.exists():
            if (output / PARTS).is_dir():
                shutil.copytree(output / PARTS, new / PARTS)
            output.rename(old)
        new.rename(output)
