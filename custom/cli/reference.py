"""What the help of the verbs lists: methods, attacks and keys, read from the files without importing anything."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

from custom.cli.kinds import Module
from custom.cli.steps import ROOT
from custom.cli.values import METHODS, VALUES
from custom.plain_config import plain_config

CONFIGS = ROOT / "bundle" / "configs"


def names() -> str:
    """The methods and the attacks, for help."""
    table = plain_config([CONFIGS / "evaluate.json"]).get("attack_table", {})
    return "\n".join(
        [
            _listed("methods (--method)", Module(METHODS).names()),
            _listed("attacks (--attacks)", [name for name in table if not name.startswith("_")]),
        ]
    )


def keys(configs: Sequence[str]) -> str:
    """The keys that some configs have, what each takes and what it is unless given, for help.

    Args:
        configs: names of config files, to be merged.
    """
    config = plain_config([CONFIGS / name for name in configs])
    known = [key for key in VALUES if key in config]
    width = max(map(len, known))
    lines = [f"  --{key:{width}}  {VALUES[key]}{_default(config[key])}" for key in known]
    return "\n".join(["keys of the config that can be overridden:", *lines, "", names()])


def _default(value: Any) -> str:
    plain = isinstance(value, int | float | list | str) and not str(value).startswith(("$", "@", "%"))
    return f" ({value})" if plain else ""


def _listed(title: str, words: Sequence[str]) -> str:
    return textwrap.fill(f"{title}: {', '.join(words)}", width=100, subsequent_indent="  ")
