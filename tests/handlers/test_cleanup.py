import pytest
from ignite.engine import Engine

from custom.handlers.cleanup import on_exception


def test_all_cleanups_run_and_the_exception_is_raised():
    engine, seen = Engine(lambda engine, batch: 1 / 0), []
    on_exception(engine, lambda error: seen.append(("first", type(error))))
    on_exception(engine, lambda error: seen.append(("second", type(error))))
    with pytest.raises(ZeroDivisionError):
        engine.run([0])
    # As with nested blocks, the last one comes first.
    assert seen == [("second", ZeroDivisionError), ("first", ZeroDivisionError)]


def test_nothing_happens_without_an_exception():
    engine, seen = Engine(lambda engine, batch: None), []
    on_exception(engine, seen.append)
    engine.run([0])
    assert not seen
