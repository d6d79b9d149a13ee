import statistics

import pytest

from custom.benchmark.memory_per_image import Line, fit_line, memory_lines
from custom.benchmark.row import Row
from custom.benchmark.timing import Timing


def row(method, batch_size, megabytes, size=112, part="scaling"):
    memory = None if megabytes is None else megabytes * 1_000_000
    return Row(f"{part}, {method}", "resnet34", size, batch_size, "ours, exact", Timing((1.0,)), memory)


def test_line_of_least_squares():
    # Means 4 and 10; sums of squares 8 and 62, of products 22: slope 22 / 8, and r² 22² / (8 * 62).
    line = fit_line([2, 4, 6], [5, 9, 16])
    assert line == pytest.approx(Line(2.75, -1.0, 484 / 496))


def test_straight_and_level_lines_explain_everything():
    assert fit_line([2, 4, 8], [7, 11, 19]) == pytest.approx(Line(2.0, 3.0, 1.0))
    assert fit_line([2, 4, 8], [5, 5, 5]) == Line(0.0, 5.0, 1.0)


def test_one_batch_size_is_no_line():
    with pytest.raises(statistics.StatisticsError):
        fit_line([4, 4], [5, 9])


def test_table_compares_slopes_within_a_size():
    rows = [
        *(row("at", number, 10 + 4 * number) for number in (2, 4, 8)),
        *(row("dpaat", number, 20 + 6 * number) for number in (2, 4, 8)),
        *(row("dpaat", number, 20 + 24 * number, size=224) for number in (2, 4)),
        # Neither can have a line.
        row("at", 4, 100, size=224),
        row("at", 8, None, size=224),
        row("dpaat", 8, 1000, part="training"),
    ]
    lines = memory_lines(rows)
    assert lines[4:-1] == [
        "| resnet34 | 112 | at | 4.0 | 10 | 1.0000 | 1.00 |",
        "| resnet34 | 112 | dpaat | 6.0 | 20 | 1.0000 | 1.50 |",
        "| resnet34 | 224 | dpaat | 24.0 | 20 | 1.0000 |  |",
    ]


def test_nothing_to_fit_is_no_table():
    assert memory_lines([]) == []
    assert memory_lines([row("at", 4, 100), row("at", 8, None)]) == []
