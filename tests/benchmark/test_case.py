from contextlib import contextmanager

import pytest

from custom.acceleration.cpu.allocator import freed_memory_kept
from custom.benchmark.case import Case, memory_kept


def test_call_is_made_within_the_context():
    events = []

    @contextmanager
    def context():
        events.append("enter")
        yield
        events.append("leave")

    assert Case(lambda: events.append("call") or 7, context)() == 7
    assert events == ["enter", "call", "leave"]


@pytest.mark.parametrize("make", [Case, memory_kept])
def test_what_the_call_returns_is_returned(make):
    assert make(lambda: 3)() == 3


def test_memory_is_kept_where_asked_for():
    assert memory_kept(lambda: None).context is freed_memory_kept
