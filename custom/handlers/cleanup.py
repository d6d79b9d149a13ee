"""What has to be undone if a training ends by an exception."""

from __future__ import annotations

from collections.abc import Callable
from weakref import WeakKeyDictionary

from ignite.engine import Engine, Events

Cleanup = Callable[[BaseException], None]

_cleanups: WeakKeyDictionary[Engine, list[Cleanup]] = WeakKeyDictionary()
_last: WeakKeyDictionary[Engine, BaseException] = WeakKeyDictionary()


def on_exception(engine: Engine, cleanup: Cleanup) -> None:
    """Call a function if the engine is ended by an exception, which is then raised as usual.

    Ignite hands an exception to the handlers of ``EXCEPTION_RAISED`` instead of raising it, and the first handler that
    raises keeps the others from being called. Handlers that only tidy up therefore share one that raises at the end.
    What was attached last is undone first.

    Args:
        engine: a trainer or evaluator.
        cleanup: called with the exception.

    Example::

        >>> from ignite.engine import Engine
        >>> from custom.handlers.cleanup import on_exception
        >>> engine = Engine(lambda engine, batch: 1 / 0)
        >>> on_exception(engine, lambda error: print("tidy"))
        >>> engine.run([0])
        Traceback (most recent call last):
        ZeroDivisionError: division by zero

    """
    if engine not in _cleanups:
        _cleanups[engine] = []
        engine.add_event_handler(Events.EXCEPTION_RAISED, _run)
    _cleanups[engine].append(cleanup)


def _run(engine: Engine, error: BaseException) -> None:
    # An exception in an iteration comes here twice: from the iteration, and from the run around it.
    if _last.get(engine) is not error:
        _last[engine] = error
        for cleanup in reversed(_cleanups[engine]):
            cleanup(error)
    raise error
