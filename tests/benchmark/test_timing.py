import time
from contextlib import contextmanager

import pytest

from custom.benchmark.case import Case
from custom.benchmark.timing import Timing, alternate


def test_cases_take_turns():
    calls = []
    cases = {"a": Case(lambda: calls.append("a")), "b": Case(lambda: calls.append("b"))}
    timings = alternate(cases, repeats=3, warm_up=1)
    assert calls == ["a", "b"] + ["a", "b"] * 3
    assert [len(timing.seconds) for timing in timings.values()] == [3, 3]


def test_clock_runs_within_the_context(monkeypatch):
    events = []

    @contextmanager
    def context():
        events.append("enter")
        yield
        events.append("leave")

    monkeypatch.setattr(time, "perf_counter", lambda: events.append("clock") or 0.0)
    alternate({"a": Case(lambda: events.append("call"), context)}, repeats=1, warm_up=0)
    assert events == ["enter", "clock", "call", "clock", "leave"]


def test_warm_up_is_within_the_context():
    inside = []

    @contextmanager
    def context():
        inside.append(True)
        yield
        inside.pop()

    seen = []
    alternate({"a": Case(lambda: seen.append(bool(inside)), context)}, repeats=1, warm_up=2)
    assert seen == [True] * 3


def test_clocks_differ_where_nothing_is_computed():
    for clock, low, high in (("wall", 0.02, 5.0), ("processor", 0.0, 0.015)):
        seconds = alternate({"sleep": Case(lambda: time.sleep(0.02))}, 1, clock, warm_up=0)["sleep"].median
        assert low <= seconds <= high


def test_median_and_spread():
    timing = Timing((3.0, 1.0, 10.0))
    assert timing.median == 3.0
    assert timing.spread == pytest.approx(9.0)
