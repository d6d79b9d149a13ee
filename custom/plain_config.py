"""Config files read and changed without MONAI: nothing in them is resolved."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def plain_config(paths: Sequence[str | Path]) -> dict[str, Any]:
    """Read and merge config files without MONAI.

    Args:
        paths: JSON or YAML files, the later ones over the earlier ones.

    Raises:
        FileNotFoundError: if a file does not exist.
        ValueError: if a file is not a config in JSON or YAML.

    Example::

        >>> from custom.plain_config import plain_config
        >>> plain_config(["bundle/configs/train.json"])["method"]
        'dpaat'

    """
    config: dict[str, Any] = {}
    for path in map(Path, paths):
        if not path.is_file():
            raise FileNotFoundError(f"No config file {path} found.")
        for name, value in _read(path).items():
            put(config, name, value)
    return config


def put(config: dict[str, Any], name: str, value: Any) -> None:
    """Set an id of a plain config, also a nested one, if its parents are there.

    Args:
        config: the config, changed in place.
        name: the id, with ``#`` or ``::`` between its parts, and ``+`` before it to add to what is there.
        value: its new value.
    """
    merge = name.startswith("+")
    *parents, last = name.removeprefix("+").replace("::", "#").split("#")
    place: Any = config
    for parent in parents:
        place = child(place, parent)
    if isinstance(place, dict):
        if merge and isinstance(place.get(last), dict) and isinstance(value, dict):
            place[last] = {**place[last], **value}
        elif merge and isinstance(place.get(last), list) and isinstance(value, list):
            place[last] = [*place[last], *value]
        else:
            place[last] = value
    elif isinstance(place, list) and last.isdecimal() and int(last) < len(place):
        place[int(last)] = value


def child(place: Any, name: str) -> Any:
    """The value called ``name`` in a mapping or list of a plain config; ``None`` if there is none."""
    if isinstance(place, Mapping):
        return place.get(name)
    if isinstance(place, list) and name.isdecimal() and int(name) < len(place):
        return place[int(name)]
    return None


def _read(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix.lower() in (".yaml", ".yml"):
            import yaml

            content = yaml.safe_load(text)
        else:
            content = json.loads(text)
    except ValueError as error:
        raise ValueError(f"{path} is not a config: {error}.") from None
    except Exception as error:
        if type(error).__module__.startswith("yaml"):
            raise ValueError(f"{path} is not valid YAML: {' '.join(str(error).split())}.") from None
        raise
    if not isinstance(content, dict):
        raise ValueError(f"{path} is not a config: it holds a {type(content).__name__}, not an object with names.")
    return content
