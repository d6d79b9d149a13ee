"""What in a run's config could run code that is not this project's."""

from __future__ import annotations

import ast
import copy
import functools
import re
from collections.abc import Iterator, Mapping
from typing import Any

from custom.files.read_json import read_json
from custom.runs.defaults import OWN_CONFIGS

EVALUATED = ("$", "@", "%")
REFERENCE = re.compile(r"[@%][\w#:]+")
"""A reference to another id of the same config; one to another file has a dot or a slash in it."""
PLAIN = re.compile(
    r"(monai\.networks\.nets|torchvision\.models)\.\w+|custom\.networks\.create_classifier"
    r"|custom\.(networks|attacks|losses|inferers|handlers|acceleration|evaluation)\.[A-Z]\w*"
)
"""Networks, and this project's classes: with plain arguments they run no code but their own, also those of versions in
which the configs named other ones."""
DOTTED = re.compile(r"\w+(\.\w+)+")
CODE_BY_NAME = ("method",)
"""Keys whose value is imported if it is a dotted path."""

_ARITHMETIC = (
    *(ast.Expression, ast.Constant, ast.Name, ast.Load, ast.Tuple, ast.List, ast.Dict, ast.IfExp),
    *(ast.UnaryOp, ast.UAdd, ast.USub, ast.Not, ast.BoolOp, ast.And, ast.Or),
    *(ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod),
    *(ast.Compare, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Is, ast.IsNot),
)


def foreign_code(config: Mapping[str, Any]) -> str | None:
    """Find code in a config that is not in this project's own configs.

    MONAI evaluates texts that begin with ``$``, ``@`` or ``%``, builds what ``_target_`` names, and some components
    import what their arguments name. All of these must be in ``bundle/configs`` with the same ``_target_`` and name of
    the argument. Apart from that, references, arithmetic, networks of MONAI and torchvision, and this project's classes
    are fine, if their own arguments are not expressions.

    Args:
        config: the config as it is written, nothing in it resolved.

    Returns:
        The first id with foreign code, and the code; ``None`` if there is none.

    Example::

        >>> from custom.runs.foreign_code import foreign_code
        >>> foreign_code({"epsilon": "$8 / 255", "method": "dpaat"})
        >>> foreign_code({"seed": "$__import__('os').system('true')"})
        "seed, $__import__('os').system('true')"

    """
    own = _own_code()
    for name, text in _code(config):
        target, argument, value = text
        is_plain = target is not None and PLAIN.fullmatch(target) and argument is not None
        harmless = is_plain and (argument == "_target_" or not value.startswith(EVALUATED))
        if not (harmless or text in own or _is_arithmetic(value)):
            return f"{name}, {value}"
    for key in CODE_BY_NAME:
        if DOTTED.fullmatch(str(config.get(key, ""))):
            return f"{key}, {config[key]}"
    return None


Code = tuple[str | None, str | None, str]
"""The ``_target_`` of the innermost component, the argument in it, and the text."""


@functools.cache
def _own_code() -> frozenset[Code]:
    """All code in the configs of this project, or of the exported bundle that it is part of."""
    configs = {path.name: read_json(path) for path in OWN_CONFIGS.glob("*.json")}
    # An override such as "train#dataloader#drop_last" is code of the component that it goes into.
    merged = [_merged(configs.get("train.json", {}), config) for config in configs.values()]
    return frozenset(code for config in (*configs.values(), *merged) for _, code in _code(config))


def _merged(base: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """A config with the values of overrides, whose ids may lead into components, in their places."""
    merged: dict[str, Any] = copy.deepcopy(dict(base))
    for name, value in overrides.items():
        *parents, last = name.split("#")
        place: Any = merged
        for parent in parents:
            place = place.get(parent) if isinstance(place, dict) else None
        if isinstance(place, dict):
            place[last] = value
    return merged


def _code(config: Any, name: str = "", target: str | None = None, argument: str | None = None) -> Iterator[Any]:
    """All texts that could be code, each with its id: expressions anywhere, and any text inside a component."""
    if isinstance(config, Mapping):
        inside = str(config["_target_"]) if "_target_" in config else target
        for key, value in config.items():
            into = str(key) if "_target_" in config else argument
            yield from _code(value, f"{name}#{key}" if name else str(key), inside, into)
    elif isinstance(config, list | tuple):
        for index, value in enumerate(config):
            yield from _code(value, f"{name}#{index}", target, argument)
    elif isinstance(config, str) and (target is not None or config.startswith(EVALUATED)):
        # MONAI writes the separator of ids either way.
        yield name, (target, argument, config.replace("::", "#"))


def _is_arithmetic(text: str) -> bool:
    """Whether a text is a reference, or an expression of numbers, texts and references that calls nothing."""
    if not text.startswith("$"):
        return REFERENCE.fullmatch(text) is not None
    try:
        tree = ast.parse(REFERENCE.sub("_", text[1:]).strip(), mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
    nodes = list(ast.walk(tree))
    return all(isinstance(node, _ARITHMETIC) and (not isinstance(node, ast.Name) or node.id == "_") for node in nodes)
