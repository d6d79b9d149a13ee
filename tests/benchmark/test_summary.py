import pytest

from custom.benchmark.case import (
    ART,
    EXACT,
    FLOOR,
    FOOLBOX,
    ITERATION,
    PLAIN,
    REDUCED,
    TORCHATTACKS,
    WAITING,
)
from custom.benchmark.row import Row
from custom.benchmark.summary import TARGETS, Target, summary_lines
from custom.benchmark.timing import Timing


def row(part, case, *seconds, size=112):
    return Row(part, "resnet34", size, 8, case, Timing(seconds))


ROWS = [
    row("attack", EXACT, 1.0, 2.0, 4.0),
    row("attack", TORCHATTACKS, 1.5, 3.2, 5.6),
    row("attack", ART, 1.9, 3.6, 8.4),
    row("attack", FOOLBOX, 2.0, 4.0, 8.0),
    row("attack", FLOOR, 1.0, 1.6, 4.0),
    row("training, dpaat", EXACT, 8.0),
    row("training, dpaat", REDUCED, 3.6),
    row("training, dpaat", PLAIN, 10.0),
    row("training, at", EXACT, 8.0),
    row("training, at", PLAIN, 10.0),
    row("loader, at", WAITING, 0.01, 0.06),
    row("loader, at", ITERATION, 1.0, 2.0),
]


def test_targets_are_judged_by_the_median_of_the_repeats():
    lines = summary_lines(ROWS)
    place = "| resnet34 | 112 | 8 |"
    assert lines[:2] == ["## Summary", ""]
    assert lines[4:-1] == [
        # 1.5, 1.6 and 1.4.
        f"{place} attack: torchattacks / ours, exact | >= 1.50 | 1.50 | 1.40 to 1.60 | met |",
        # 1.9, 1.8 and 2.1.
        f"{place} attack: ART / ours, exact | >= 2.00 | 1.90 | 1.80 to 2.10 | missed |",
        f"{place} attack: foolbox / ours, exact | >= 2.00 | 2.00 | 2.00 to 2.00 | met |",
        # 1, 1.25 and 1.
        f"{place} attack: ours, exact / floor | <= 1.050 | 1.000 | 1.000 to 1.250 | met |",
        f"{place} training, dpaat: ours, exact / plain loop | <= 0.80 | 0.80 | 0.80 to 0.80 | met |",
        f"{place} training, dpaat: ours, bfloat16 / plain loop | <= 0.35 | 0.36 | 0.36 to 0.36 | missed |",
        # 1 % and 3 %.
        f"{place} loader, at: waiting for a batch / iteration | < 3.0% | 2.0% | 1.0% to 3.0% | met |",
    ]


def test_every_size_is_judged_by_itself():
    rows = [*ROWS[:2], row("attack", EXACT, 1.0, size=224), row("attack", TORCHATTACKS, 1.2, size=224)]
    found = [line for line in summary_lines(rows) if "torchattacks" in line]
    assert [line.split(" | ")[1] for line in found] == ["112", "224"]
    assert [line.split(" | ")[-1] for line in found] == ["met |", "missed |"]


def test_nothing_to_judge_is_no_table():
    assert summary_lines([]) == []
    assert summary_lines(ROWS[8:10]) == []


@pytest.mark.parametrize(
    ("sign", "below", "at", "above"), [(">=", False, True, True), ("<=", True, True, False), ("<", True, False, False)]
)
def test_bound_itself_belongs_to_the_sign(sign, below, at, above):
    target = Target("attack", EXACT, FLOOR, sign, 2.0)
    assert [target.met(value) for value in (1.9, 2.0, 2.1)] == [below, at, above]


def test_targets_are_named_once():
    assert len({target.name for target in TARGETS}) == len(TARGETS)
