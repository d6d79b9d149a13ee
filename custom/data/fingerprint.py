"""Whether files are those of last time."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from custom.data.find_files import find_files

RULE = 3
"""Raised whenever the same files would give another data set."""


def fingerprint(source: Path, images: Iterable[Path] = ()) -> str:
    """Hash the entries of a folder: each file's path, size and time of change.

    A file that was edited, renamed, moved to another class, added or removed changes it.

    Args:
        source: the folder, or a table.
        images: files elsewhere that count, too: those that a table names.

    Returns:
        64 hexadecimal digits.

    """
    files, skipped = find_files(source) if source.is_dir() else ([source, *sorted(images)], [])
    digest = hashlib.sha256(f"{RULE} {source.resolve()}".encode("utf-8", "surrogateescape"))
    for path in files:
        status = path.stat() if path.exists() else None
        entry: list[Any] = [os.path.relpath(path, source), status and status.st_size, status and status.st_mtime_ns]
        digest.update(json.dumps(entry).encode())
    for entry_skipped in skipped:
        digest.update(json.dumps([str(entry_skipped.path), entry_skipped.reason]).encode())
    return digest.hexdigest()
