"""Overrides of ids that the config does not have: MONAI adds them silently, so that a typo goes unseen."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Iterable, Iterator
from pydoc import locate
from typing import TYPE_CHECKING, Any

from custom.cli.command_line import CommandLine
from custom.plain_config import child, put

if TYPE_CHECKING:
    from monai.bundle import ConfigParser

COMPONENT_KEYS = ("_target_", "_disabled_", "_requires_", "_desc_", "_mode_")
META_KEY = "_meta_"


def check_plain_overrides(command_line: CommandLine) -> None:
    """Check the command line as far as that is possible without importing what the config names.

    Refused are ids that neither exist nor lie below a component, which `check_overrides` would ask for its
    parameters, and a ``run_id`` that does not exist.

    Args:
        command_line: what the bundle was started with.

    Raises:
        ValueError: if an id does not exist, with the nearest one that does.
    """
    config = command_line.plain()
    if command_line.run_id not in config:
        known = [name for name, value in config.items() if value == "%run" or name == "run"]
        raise ValueError(f"The config has no {command_line.run_id!r} to run; it has {' and '.join(known) or 'none'}.")
    if command_line.tracking is not None:
        return
    config = CommandLine(command_line.config_files).plain()
    for given, value in command_line.overrides.items():
        name = _normalized(given.removeprefix("+"))
        if not _may_exist(config, name) and not _is_free(command_line, name):
            raise _unknown(given.removeprefix("+"), _ids(config), name)
        put(config, given, value)


def _may_exist(config: Any, name: str) -> bool:
    place = config
    *parents, last = name.split("#")
    below_component = False
    for parent in parents:
        below_component = below_component or (isinstance(place, dict) and "_target_" in place)
        place = child(place, parent)
    if isinstance(place, str) or below_component or (isinstance(place, dict) and "_target_" in place):
        return True  # a reference, or a parameter
    if isinstance(place, list):
        return last.isdecimal() and int(last) < len(place)
    return isinstance(place, dict) and last in place


def _is_free(command_line: CommandLine, name: str) -> bool:
    """Tell whether an id lies in a mapping that the config files leave empty, such as ``method_options``."""
    *parents, _ = name.split("#")
    place: Any = CommandLine(command_line.config_files).plain()
    for parent in parents:
        place = child(place, parent)
    return place == {}


def check_overrides(command_line: CommandLine) -> None:
    """Check that every override on the command line names something that the config has.

    Allowed are the ids of the merged config files, also nested (``train#trainer#max_epochs``), below a component
    whatever its class or function takes (``network_def#dropout``), and whatever is put into a mapping that the files
    leave empty (``method_options#tau``), which whoever takes it checks.

    Args:
        command_line: what the bundle was started with.

    Raises:
        ValueError: if an id does not exist, with the nearest one that does.

    Example::

        >>> from custom.cli import CommandLine, check_overrides
        >>> check_overrides(CommandLine(("bundle/configs/train.json",), {"metod": "at"}))
        Traceback (most recent call last):
        ValueError: The config has no 'metod' to override; the closest key is 'method'.

    """
    from monai.bundle.utils import DEFAULT_EXP_MGMT_SETTINGS

    parser = command_line.parser()
    # MONAI's own tracking adds these ids, whatever the config.
    tracking: Any = DEFAULT_EXP_MGMT_SETTINGS["mlflow"]["configs"] if command_line.tracking else {}
    for given, value in command_line.overrides.items():
        name = given.removeprefix("+")
        if name in tracking:
            continue
        if name not in parser and not _is_parameter(parser, name) and not _is_free(command_line, _normalized(name)):
            wanted = _normalized(name)
            parent = wanted.rpartition("#")[0]
            raise _unknown(
                name, [*_ids(parser.get()), *(f"{parent}#{key}" for key in _parameters(parser, parent))], wanted
            )
        # One override may name what another one brought.
        parser[name] = value


def _normalized(name: str) -> str:
    return name.replace("::", "#")


def _unknown(name: str, known: Iterable[str], wanted: str) -> ValueError:
    """The error that names the id that was probably meant: alike as a whole, or in its last part."""

    def likeness(known_id: str) -> float:
        whole = difflib.SequenceMatcher(None, wanted, known_id).ratio()
        last = difflib.SequenceMatcher(None, wanted, known_id.rpartition("#")[2]).ratio()
        return max(whole, 0.9 * last)

    return ValueError(f"The config has no {name!r} to override; the closest key is {max(known, key=likeness)!r}.")


def _ids(config: Any, prefix: str = "") -> Iterator[str]:
    """All ids of a config that have a name, nested ones with ``#``."""
    for key, value in config.items() if isinstance(config, dict) else enumerate(config):
        if key in COMPONENT_KEYS or key == META_KEY:
            continue
        if isinstance(key, str):
            yield f"{prefix}{key}"
        if isinstance(value, dict | list):
            yield from _ids(value, f"{prefix}{key}#")


def _parameters(parser: ConfigParser, name: str) -> dict[str, inspect.Parameter]:
    """The parameters of the component called ``name``; none if it is not a component."""
    from monai.bundle import ComponentLocator, ConfigComponent

    component = parser.get(name) if name else None
    if not ConfigComponent.is_instantiable(component):
        return {}
    target = ConfigComponent(component, locator=ComponentLocator()).resolve_module_name()
    target = locate(target) if isinstance(target, str) else target
    return dict(inspect.signature(target).parameters) if callable(target) else {}


def _is_parameter(parser: ConfigParser, name: str) -> bool:
    """Whether a component of the config would take ``name``, although the config does not give it yet."""
    from monai.bundle import ConfigComponent

    parent, _, key = _normalized(name).rpartition("#")
    if key in COMPONENT_KEYS:
        return bool(parent) and ConfigComponent.is_instantiable(parser.get(parent))
    parameters = _parameters(parser, parent)
    takes_anything = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters.values())
    return key in parameters or takes_anything
