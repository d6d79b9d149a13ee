"""Names of classes: what is refused, and their order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_CONFIG_STARTS = ("$", "@", "%")
"""MONAI's config parser evaluates text that begins with one of these."""


def check_class_names(names: Sequence[object], source: str) -> list[str]:
    """Return names of classes if all of them can be used everywhere.

    Args:
        names: the names, in the order of their labels.
        source: what they are from, for messages.

    Returns:
        The names.

    Raises:
        ValueError: one is not text, empty, spans lines, begins with ``$``, ``@`` or ``%``, which a config would
            evaluate, or two are the same or differ in capitals, blanks, underscores or hyphens alone.

    Example::

        >>> check_class_names(["benign", "malignant"], "mine")
        ['benign', 'malignant']

    """
    checked: dict[str, str] = {}
    for name in names:
        if not isinstance(name, str) or not name.strip():
            raise ValueError(f"{source}: a class is named {name!r}; it needs a name that is text.")
        if name.startswith(_CONFIG_STARTS):
            raise ValueError(
                f"{source}: the class name {name!r} begins with {name[0]}, which configs evaluate; rename the class."
            )
        if not name.isprintable():
            raise ValueError(f"{source}: the class name {name!r} has characters that cannot be printed; rename it.")
        spelled = re.sub(r"[\s_-]+", "", name.casefold()) or name
        if spelled in checked:
            raise ValueError(
                f"{source}: {checked[spelled]!r} and {name!r} are two spellings of one class; use one name."
            )
        checked[spelled] = name
    return [str(name) for name in names]


def sort_class_names(names: Iterable[str]) -> list[str]:
    """Sort names of classes: numbers as numbers, everything else as text.

    Example::

        >>> sort_class_names({"10", "2", "1"})
        ['1', '2', '10']

    """
    names = set(names)
    try:
        return sorted(names, key=lambda name: (float(name), name))
    except ValueError:
        return sorted(names)
