"""The handlers of a config that are not switched off."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def enabled(handlers: Iterable[Any]) -> list[Any]:
    """Leave out the handlers that a config disables: a reference to a disabled component is ``None``.

    Args:
        handlers: handlers, or ``None`` in the place of one that is disabled.

    Returns:
        The handlers, in their order.

    Example::

        >>> from custom.handlers import enabled
        >>> enabled(["a", None, "b"])
        ['a', 'b']

    """
    return [handler for handler in handlers if handler is not None]
