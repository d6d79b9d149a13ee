"""Hashes of data sets and files, each computed once."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def data_hash_of(folder: Path) -> str:
    """The hash of a prepared data set, see :func:`custom.data.data_hash`.

    Args:
        folder: of the data set.
    """
    from custom.data import data_hash

    return data_hash(folder)


@cache
def file_hash_of(path: Path) -> str:
    """The SHA-256 of a file.

    Args:
        path: the file.
    """
    from custom.evaluation.fingerprint import file_hash

    return str(file_hash(path))
