"""Short names of runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path


def short_names(folders: Sequence[str | Path]) -> list[str]:
    """Name runs by the last parts of their paths, as few as tell them apart.

    Args:
        folders: runs, or the evaluations in them; one that is passed twice gets numbers.

    Example::

        >>> short_names(["runs/std", "runs/dpaat/evaluation"])
        ['std', 'dpaat']
        >>> short_names(["a/std", "b/std"])
        ['a/std', 'b/std']

    """
    parts = []
    for folder in folders:
        path = Path(folder).resolve()
        parts.append((path.parent if path.name == "evaluation" else path).parts)
    for length in range(1, max(map(len, parts)) + 1):
        names = ["/".join(part[-length:]) for part in parts]
        if len(set(names)) == len(set(parts)):
            break
    counts = Counter(names)
    return [name if counts[name] == 1 else f"{name} #{number}" for number, name in enumerate(names, start=1)]
