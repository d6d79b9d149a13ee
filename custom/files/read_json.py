"""JSON files that hold an object."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def read_json(path: Path, advice: str = "") -> dict[str, Any]:
    """Read a JSON object.

    Args:
        path: the file.
        advice: what to do if it cannot be read, for the error.

    Raises:
        FileNotFoundError: if there is none.
        ValueError: if it holds something else.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is not valid JSON ({error}){advice and f'; {advice}'}.") from None
    if not isinstance(content, dict):
        kind = type(content).__name__
        raise ValueError(f"{path} should hold a JSON object, not a {kind}{advice and f'; {advice}'}.")
    return content
