"""Overrides of ids that the config does not have: MONAI adds them silently, so that a typo goes unseen."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Iterator
from pydoc import locate
from typing import Any

from monai.bundle import ComponentLocator, ConfigComponent, ConfigParser
from monai.bundle.utils import DEFAULT_EXP_MGMT_SETTINGS

from custom.bundle.command_line import CommandLine

COMPONENT_KEYS = ("_target_", "_disabled_", "_requires_", "_desc_", "_mode_")


def check_overrides(command_line: CommandLine) -> None:
    """Check that every override on the command line names something that the config has.

    Allowed are the ids of the merged config files, also nested (``train#trainer#max_epochs``), and below a
    component whatever its class or function takes (``network_def#dropout``).

    Args:
        command_line: what the bundle was started with.

    Raises:
        ValueError: when an id does not exist, with the nearest one that does.

    Example::

        >>> from custom.bundle import CommandLine, check_overrides
        >>> check_overrides(CommandLine(("bundle/configs/train.json",), {"metod": "at"}))
        Traceback (most recent call last):
        ValueError: The config has no 'metod' to override; the nearest it has is 'method'.

    """
    parser = command_line.parser()
    # MONAI's own tracking adds these ids, whatever the config.
    tracking: Any = DEFAULT_EXP_MGMT_SETTINGS["mlflow"]["configs"] if command_line.tracking else {}
    for given, value in command_line.overrides.items():
        name = given.removeprefix("+")
        if name in tracking:
            continue
        if name not in parser and not _is_parameter(parser, name):
            raise ValueError(
                f"The config has no {name!r} to override; the nearest it has is {_nearest(parser, name)!r}."
            )
        # One override may name what another one brought.
        parser[name] = value


def _normalised(name: str) -> str:
    return name.replace("::", "#")


def _nearest(parser: ConfigParser, name: str) -> str:
    """The id that was probably meant: alike as a whole, or in its last part."""
    wanted = _normalised(name)
    parent = wanted.rpartition("#")[0]
    known = [*_ids(parser.get()), *(f"{parent}#{key}" for key in _parameters(parser, parent))]

    def likeness(known_id: str) -> float:
        whole = difflib.SequenceMatcher(None, wanted, known_id).ratio()
        last = difflib.SequenceMatcher(None, wanted, known_id.rpartition("#")[2]).ratio()
        return max(whole, 0.9 * last)

    return max(known, key=likeness)


def _ids(config: Any, prefix: str = "") -> Iterator[str]:
    """All ids of a config that have a name, nested ones with ``#``."""
    for key, value in config.items() if isinstance(config, dict) else enumerate(config):
        if key in COMPONENT_KEYS or key == ConfigParser.meta_key:
            continue
        if isinstance(key, str):
            yield f"{prefix}{key}"
        if isinstance(value, dict | list):
            yield from _ids(value, f"{prefix}{key}#")


def _parameters(parser: ConfigParser, name: str) -> dict[str, inspect.Parameter]:
    """The parameters of the component called ``name``; none where that is no component."""
    component = parser.get(name) if name else None
    if not ConfigComponent.is_instantiable(component):
        return {}
    target = ConfigComponent(component, locator=ComponentLocator()).resolve_module_name()
    target = locate(target) if isinstance(target, str) else target
    return dict(inspect.signature(target).parameters) if callable(target) else {}


def _is_parameter(parser: ConfigParser, name: str) -> bool:
    """Whether a component of the config would take ``name``, although the config does not give it yet."""
    parent, _, key = _normalised(name).rpartition("#")
    if key in COMPONENT_KEYS:
        return bool(parent) and ConfigComponent.is_instantiable(parser.get(parent))
    parameters = _parameters(parser, parent)
    takes_anything = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters.values())
    return key in parameters or takes_anything
