"""Files that are whole or not there."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from deploy.case import Documents, Model
from deploy.record import make_record

REPORT = ".report.dcm"
OVERLAY = ".overlay.dcm"
RECORD = ".json"


def write_documents(documents: Documents, model: Model, folder: Path, name: str) -> None:
    """Write the three outputs of an image: all of them, or none.

    Args:
        documents: what to write.
        model: the model that the JSON file names.
        folder: where to; made if missing.
        name: file name without extension.

    Raises:
        OSError: a file cannot be written.

    """
    record = make_record(documents, model)
    _write_together(
        {
            folder / f"{name}{OVERLAY}": _saved(documents.overlay),
            folder / f"{name}{REPORT}": _saved(documents.report),
            # Last, so that if there is a JSON file, there are the others.
            folder / f"{name}{RECORD}": lambda file: file.write(_encoded(record)),
        }
    )


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write a JSON file at once.

    Args:
        path: the file; its folder is made if missing.
        content: what it holds.

    Raises:
        OSError: it cannot be written.

    """
    _write_together({path: lambda file: file.write(_encoded(content))})


def _encoded(content: dict[str, Any]) -> bytes:
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()


def _saved(dataset: Any) -> Callable[[BinaryIO], object]:
    return lambda file: dataset.save_as(file, enforce_file_format=True)


def _write_together(contents: dict[Path, Callable[[BinaryIO], object]]) -> None:
    """Write all files beside their places before the first of them is moved there."""
    temporary = {path: path.with_name(f".{path.name}.{os.getpid()}") for path in contents}
    try:
        for path, write in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with temporary[path].open("wb") as file:
                write(file)
        for path, written in temporary.items():
            written.replace(path)
    finally:
        for written in temporary.values():
            written.unlink(missing_ok=True)
