"""Update configuration.md beside this file: keys, values and defaults from the configs, meanings from the page itself.

    python docs/reference/configuration.py

A key that is new gets train.json's meaning or an empty one, to be filled in by hand; one that is gone loses its row.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from custom.cli.values import VALUES
from custom.files import write_atomically
from custom.markdown import markdown_table

ROOT = Path(__file__).resolve().parents[2]
PAGE = Path(__file__).with_suffix(".md")
CONFIGS = (
    "train",
    "evaluate",
    "explain",
    "inference",
    "quickstart",
    "quickstart_evaluate",
    "reduced_precision",
    "autoattack",
    "multi_gpu_train",
    "recipe_paper",
    "recipe_recommended",
    "volume",
    "volume_quickstart",
)
HEADER = ("key", "takes", "default", "meaning")


def main() -> None:
    """Write the page again."""
    write_atomically(PAGE, updated(PAGE.read_text(encoding="utf-8")).encode())


def updated(page: str) -> str:
    """The page with the tables of today's configs.

    Args:
        page: the page as it is; each table follows the heading of its config, such as ``## train.json``.
    """
    inherited: dict[str, str] = {}
    for name in CONFIGS:
        heading = f"## {name}.json"
        before, found, rest = page.partition(heading)
        if not found:
            raise ValueError(f"{PAGE.name} lacks the heading {heading!r}.")
        text, table, after = re.split(r"((?:^\|.*\n)+)", rest, maxsplit=1, flags=re.MULTILINE)
        config = json.loads((ROOT / "bundle" / "configs" / f"{name}.json").read_text(encoding="utf-8"))
        known = inherited | {key: meaning for key, meaning in meanings(table).items() if meaning}
        # What other files say of a key of train.json needs no words of its own.
        inherited = inherited or known
        page = before + heading + text + rows(config, known) + after
    return page


def meanings(table: str) -> dict[str, str]:
    """The last column of a table, by key."""
    cells = [re.split(r"(?<!\\)\|", line.strip()[1:-1]) for line in table.splitlines()[2:]]
    return {row[0].strip().strip("`"): row[-1].strip() for row in cells}


def rows(config: dict[str, Any], known: dict[str, str]) -> str:
    """The table of a config."""
    written = [(f"`{key}`", takes(key), f"`{default(value)}`", known.get(key, "")) for key, value in config.items()]
    return markdown_table(HEADER, written) + "\n"


def takes(key: str) -> str:
    """What a key takes; nothing for keys that are wiring."""
    value = VALUES.get(key)
    # The modules behind a key are listed on a page of their own.
    text = re.sub(r"^one of .*, or the dotted path", "a name, or the dotted path", "" if value is None else str(value))
    return text.replace(", not empty", "")


def default(value: Any) -> str:
    """A default in a few characters: a component by its class, long expressions cut."""
    if isinstance(value, dict) and "_target_" in value:
        return f"{value['_target_'].rpartition('.')[2]}(...)"
    if isinstance(value, dict) and value:
        return "{...}"
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 48 else f"{text[:44].rstrip()} ..."


if __name__ == "__main__":
    main()
