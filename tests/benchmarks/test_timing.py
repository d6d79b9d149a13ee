import time
from contextlib import contextmanager

from benchmarks import timing
from benchmarks.cases import Case
from benchmarks.timing import alternate


def test_cases_take_turns():
    calls = []
    cases = {"a": Case(lambda: calls.append("a")), "b": Case(lambda: calls.append("b"))}
    timings = alternate(cases, repeats=3, warm_up=1)
    assert calls == ["a", "b"] + ["a", "b"] * 3
    assert [len(measured.raw_times) for measured in timings.values()] == [3, 3]


def test_clock_runs_within_the_context(monkeypatch):
    events = []

    @contextmanager
    def context():
        events.append("enter")
        yield
        events.append("leave")

    monkeypatch.setattr(timing, "timer", lambda: events.append("clock") or 0.0)
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


def test_processor_clock_stands_still_while_the_process_sleeps(monkeypatch):
    seconds = iter([3.0, 10.0, 20.0, 21.0])
    monkeypatch.setattr(time, "process_time", lambda: next(seconds))
    found = alternate({"sleep": Case(lambda: None)}, 2, "processor", warm_up=0)["sleep"]
    assert found.raw_times == [7.0, 1.0]
    assert found.median == 4.0
