"""Numbers of things in words."""

from __future__ import annotations

from collections.abc import Sequence


def counted(number: int, thing: str) -> str:
    """Write a number of things: ``1 image``, ``2 images``.

    Args:
        number: how many.
        thing: what, in the singular.

    Example::

        >>> counted(1, "image"), counted(0, "image"), counted(1050, "study")
        ('1 image', '0 images', '1050 studies')

    """
    return f"{number} {thing if number == 1 else plural(thing)}"


def listed(texts: Sequence[str], most: int) -> str:
    """Write the first texts and the number of the others.

    Args:
        texts: what to list.
        most: how many are written.

    Example::

        >>> listed(["a", "b", "c"], 3), listed(["a", "b", "c"], 1)
        ('a, b, c', 'a and 2 more')

    """
    more = f" and {len(texts) - most} more" if len(texts) > most else ""
    return f"{', '.join(texts[:most])}{more}"


def plural(thing: str) -> str:
    """Return the regular plural of a noun.

    Args:
        thing: the noun, such as ``class``.

    Example::

        >>> plural("lesion"), plural("study"), plural("class")
        ('lesions', 'studies', 'classes')

    """
    if thing.endswith("y"):
        return f"{thing[:-1]}ies"
    return f"{thing}{'es' if thing.endswith('s') else 's'}"
