"""Handlers by name, so that a config or an override file can refer to one, switch it off or add another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ignite.engine import Engine


class NamedHandlers:
    """Attach handlers in their order, except for those that are disabled.

    In a list of a config a handler can be addressed by its position alone, which changes with every handler above it.

    Args:
        handlers: handlers by name; ``None`` in the place of one that is disabled.

    Example::

        >>> from ignite.engine import Engine
        >>> from custom.handlers import EpochSeed, NamedHandlers
        >>> NamedHandlers({"epoch_seed": EpochSeed(0), "mlflow": None}).attach(Engine(lambda engine, batch: None))

    """

    def __init__(self, handlers: Mapping[str, Any]) -> None:
        self.handlers = {name: handler for name, handler in handlers.items() if handler is not None}

    def attach(self, engine: Engine) -> None:
        """Attach every handler.

        Args:
            engine: the trainer or evaluator.
        """
        for handler in self.handlers.values():
            handler.attach(engine)
