"""Arguments as they are meant, in the form that MONAI's command line takes as such."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from custom.cli.kinds import Text
from custom.cli.values import plain_kind

FLAG = re.compile(r"--?([a-zA-Z_+%][^=\s]*)(?:=(.*))?", re.DOTALL)
NONE = "None"


def as_meant(arguments: Sequence[str]) -> list[str]:
    """Keep Fire from reading words as numbers or lists, and MONAI from dropping ``None``.

    Args:
        arguments: what follows ``python -m monai.bundle``.

    Returns:
        The same with the values of keys that take text in quotes, and ``None`` as an expression.

    Example::

        >>> from custom.cli.arguments import as_meant
        >>> as_meant(["run", "--run_name", "2024", "--weights=None", "--epsilon", "0.3"])
        ['run', '--run_name', "'2024'", '--weights=$None', '--epsilon', '0.3']

    """
    meant: list[str] = []
    key: str | None = None
    for argument in arguments:
        flag = FLAG.fullmatch(argument)
        if flag is None:
            meant.append(argument if key is None else _value(key, argument))
            key = None
            continue
        name, value = flag[1].replace("-", "_"), flag[2]
        key = name if value is None else None
        meant.append(argument if value is None else f"{argument[: flag.end(1)]}={_value(name, value)}")
    return meant


def _value(key: str, value: str) -> str:
    if value.strip() == NONE:
        return f"${NONE}"
    if key == "config_file" and "," in value and not value.startswith(("[", "(")):
        return repr(value.split(","))  # no list in nested quotes
    return repr(_unquoted(value)) if isinstance(plain_kind(key), Text) else value


def _unquoted(value: str) -> str:
    """The text that somebody has already put in quotes for Fire."""
    try:
        literal = ast.literal_eval(value)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return value
    return literal if isinstance(literal, str) else value
