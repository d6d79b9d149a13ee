"""The config of a training: taken from the parser that runs it, written, and read back."""

from __future__ import annotations

import copy
import inspect
import json
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from custom.files import write_together
from custom.plain_config import plain_config
from custom.runs.defaults import over_defaults
from custom.runs.foreign_code import foreign_code
from custom.runs.names import CONFIG_NAME, SIGNATURE_NAME
from custom.runs.places import absolute_places, moved_places
from custom.runs.signature import is_signed, signature

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
    """Write a run's ``config.json``, signed as this user's own.

    Args:
        folder: the run's folder.
        config: the config; what JSON cannot hold is written as text, and places are made absolute.

    Raises:
        OSError: if it cannot be written.
    """
    content = json.dumps(absolute_places(config, folder), indent=2, default=str).encode()
    signed = signature(content)
    files = {Path(folder) / CONFIG_NAME: content}
    write_together(files if signed is None else {**files, Path(folder) / SIGNATURE_NAME: signed})


def require_trust(folder: str | Path, trust: bool = False) -> None:
    """Refuse a run whose config could run somebody else's code when its values are resolved.

    A config is fine if a training of this user on this machine signed it, or if all code in it is this project's own,
    see :func:`custom.runs.foreign_code.foreign_code`.

    Args:
        folder: the run's folder.
        trust: whether the user trusts whoever made it.

    Raises:
        FileNotFoundError: if there is no config.
        ValueError: if it is not to be trusted, or is damaged; in one sentence.
    """
    path = Path(folder) / CONFIG_NAME
    if trust or is_signed(path.parent):
        return
    code = foreign_code(plain_config([path]))
    if code is not None:
        shown = code if len(code) <= 100 else f"{code[:100]}..."
        raise ValueError(f"{path} can run its author's code ({shown}); pass --trust if you trust them.")


def read_config(folder: str | Path, *overrides: str | Path) -> ConfigParser:
    """Read the config that a training ran with.

    Keys that it lacks, as one of an earlier version does, have today's defaults, and its places are those of today, see
    :func:`custom.runs.places.moved_places`.

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
        parser.read_config(over_defaults([path, *overrides]))
        parser.update(places_now(path, overrides))
    except (ValueError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is not the config of a training: {error}.") from None
    return parser


def places_now(path: Path, overrides: Sequence[str | Path] = ()) -> dict[str, str]:
    """What to change in a run's config because the run has moved.

    Args:
        path: the run's ``config.json``.
        overrides: config files that are merged over it, and decide on their own places.

    Raises:
        FileNotFoundError: if a file does not exist.
        ValueError: if one is not a config.
    """
    moved = moved_places(plain_config([path]), path.parent)
    named = plain_config(overrides)
    return {key: place for key, place in moved.items() if key not in named}
