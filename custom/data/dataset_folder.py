"""Data set folders that are either complete or not there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from custom.files import ResultFolder

ENTRIES = ("datalist.json", "classes.csv", "left_out.csv", "images", "masks")
"""All that a data set folder may hold; anything else is somebody's own and is never replaced."""


@contextmanager
def new_dataset_folder(output: Path, overwrite: bool = False) -> Iterator[Path]:
    """Give a temporary folder beside ``output``, which takes its place if the block ends without an error.

    Args:
        output: the folder to be made. Missing parents are made, too.
        overwrite: replace a data set folder that is there already.

    Yields:
        The temporary folder: a sibling, so that relative paths to files elsewhere hold in ``output``, too.

    Raises:
        FileExistsError: ``output`` is there and not empty, at the beginning or at the end, and ``overwrite`` is false
            or it holds other files than a data set.
        NotADirectoryError: ``output`` is a file.

    Example::

        >>> with new_dataset_folder(Path("data/mine")) as folder:
        ...     write_datalist(folder, "mine", {"A": "class A"}, splits)

    """
    if output.exists() and not output.is_dir():
        raise NotADirectoryError(f"{output} is a file; pass a folder as the output.")
    present = sorted(path.name for path in output.iterdir()) if output.exists() else []
    foreign = [name for name in present if name not in ENTRIES]
    if foreign:
        raise FileExistsError(
            f"{output} holds other files ({foreign[0]}); pass an empty or a new folder as the output."
        )
    taken = FileExistsError(f"{output} already holds a data set; --overwrite replaces it.")
    if present and not overwrite:
        raise taken
    with ResultFolder(output, ENTRIES, "data set") as folder:
        yield folder
        if not overwrite and output.exists() and any(output.iterdir()):
            raise taken  # by another process in the meantime
