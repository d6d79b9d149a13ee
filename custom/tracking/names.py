"""Names that MLflow takes, made of names that anybody may have given."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

LONGEST_PART = 80


def metric_names(names: Iterable[Sequence[str]], endings: Sequence[str] = ("",)) -> list[str]:
    """Turn parts of names into names of metrics or parameters, each its own.

    MLflow takes letters, digits, blanks and ``_ - . /``; the slash separates the parts. What else a class or an attack
    is called becomes an underscore, and a name that is taken by then gets a number.

    Args:
        names: the parts of each name.
        endings: what is going to be appended to each name; the results are names of their own, too.

    Returns:
        As many names, in the same order.

    Example:
        >>> metric_names([("clean", "recall_BCC/SCC"), ("clean", "recall_BCC,SCC"), ("clean", "recall_..")])
        ['clean/recall_BCC_SCC', 'clean/recall_BCC_SCC_2', 'clean/recall_..']
    """
    taken: set[str] = set()
    found = []
    for parts in names:
        name = candidate = "/".join(_part(part) for part in parts)
        number = 1
        while taken & {f"{candidate}{ending}".casefold() for ending in endings}:
            number += 1
            candidate = f"{name}_{number}"
        taken |= {f"{candidate}{ending}".casefold() for ending in endings}
        found.append(candidate)
    return found


def _part(text: str) -> str:
    plain = re.sub(r"[^\w.\- ]", "_", str(text)).strip()[:LONGEST_PART]
    # A path of dots alone would lead elsewhere.
    return plain if plain.strip(". ") else f"_{plain}".replace(".", "_")
