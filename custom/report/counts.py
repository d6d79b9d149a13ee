"""Numbers of things in words."""

from __future__ import annotations


def count(number: int, thing: str) -> str:
    """A number of things: ``1 image``, ``2 images``.

    Example::

        >>> count(1, "image"), count(0, "image")
        ('1 image', '0 images')

    """
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
