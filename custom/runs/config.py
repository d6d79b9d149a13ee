"""The config of a training: taken from the parser that runs it, written, and read back."""

from __future__ import annotations

import copy
import inspect
import json
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from custom.files import write_atomically
from custom.runs.names import CONFIG_NAME

if TYPE_CHECKING:
    from monai.bundle import ConfigParser


def running_parser() -> ConfigParser | None:
    """MONAI's parser that is instantiating the caller.

    Neither a component nor an expression of a config can refer to the config as a whole, and a training may be
    started from the command line, by ``torchrun``, by ``ConfigWorkflow`` or by a parser in a notebook. All of them
    instantiate components through ``ConfigParser.get_parsed_content``, which is therefore looked for on the stack.

    Returns:
        The parser; ``None`` if none is at work.
    """
    from monai.bundle import ConfigParser

    frame: FrameType | None = inspect.currentframe()
    while frame is not None:
        caller = frame.f_locals.get("self")
        if isinstance(caller, ConfigParser):
            return caller
        frame = frame.f_back
    return None


def running_config() -> dict[str, Any] | None:
    """The config of the parser that is instantiating the caller, with its overrides and macros resolved.

    Returns:
        A copy of the config without its metadata; ``None`` if no parser is at work.

    Example::

        >>> from custom.runs import running_config
        >>> running_config() is None
        True

    """
    parser = running_parser()
    if parser is None:
        return None
    return copy.deepcopy({key: value for key, value in parser.get().items() if key != parser.meta_key})


def write_config(folder: str | Path, config: dict[str, Any]) -> None:
    """Write a run's ``config.json``.

    Args:
        folder: the run's folder.
        config: the config; what JSON cannot hold is written as text.

    Raises:
        OSError: if it cannot be written.
    """
    write_atomically(Path(folder) / CONFIG_NAME, json.dumps(config, indent=2, default=str).encode())


def read_config(folder: str | Path, *overrides: str | Path) -> ConfigParser:
    """Read the config that a training ran with.

    Args:
        folder: the run's folder.
        overrides: config files to merge on top, as after ``--config_file``.

    Returns:
        The config, with its references and expressions as they are written.

    Raises:
        FileNotFoundError: if no training left its config there.
        ValueError: if the file is not a config.

    Example::

        >>> from custom.runs import read_config
        >>> read_config("bundle/runs/at-small_resnet")["method"]  # doctest: +SKIP
        'at'

    """
    from monai.bundle import ConfigParser

    path = Path(folder) / CONFIG_NAME
    if not path.is_file():
        raise FileNotFoundError(f"No {CONFIG_NAME} found in {folder}; pass the folder of a training.")
    parser = ConfigParser()
    try:
        parser.read_config([str(path), *map(str, overrides)])
    except (ValueError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is not the config of a training: {error}.") from None
    return parser
