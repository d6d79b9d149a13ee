import pytest

from custom.benchmark.report import benchmark_markdown, benchmark_png
from custom.benchmark.row import Row, relative_to
from custom.benchmark.timing import Timing

ROWS = [
    Row("attack", "resnet34", 112, 8, "ours, exact", Timing((1.0, 2.0, 3.0)), 5_000_000, 0.5, 1e-6),
    Row("attack", "resnet34", 112, 8, "torchattacks", Timing((4.0,))),
    Row("attack", "resnet34", 112, 8, "floor", Timing((1.6,))),
    Row("attack", "resnet34", 224, 8, "torchattacks", Timing((9.0,))),
    Row("training, dpaat", "resnet34", 112, 8, "ours, exact", Timing((3.0,))),
    Row("training, dpaat", "resnet34", 112, 8, "plain loop", Timing((4.0,))),
    Row("scaling, at", "resnet34", 112, 8, "ours, exact", Timing((3.0,))),
]


def test_ratios_are_taken_within_a_group():
    assert relative_to(ROWS, ROWS[0], "torchattacks") == 0.5
    assert relative_to(ROWS, ROWS[0], "floor") == pytest.approx(1.25)
    assert relative_to(ROWS, ROWS[6], "plain loop") is None


def test_table_holds_medians_spreads_and_ratios():
    text = benchmark_markdown(ROWS, {"processor": "one"}, "wall")
    assert "| resnet34 | 112 | 8 | ours, exact | 2.000 (2.000) | 0.50 | 1.25 | 5 | 0.5000 | 1e-06 |" in text
    assert "| resnet34 | 112 | 8 | ours, exact | 3.000 (0.000) | 0.75 |  |  |  |  |" in text
    assert "wall-clock" in text
    assert "- processor: one" in text


def test_record_is_complete():
    record = ROWS[0].as_record()
    assert record["seconds"] == (1.0, 2.0, 3.0)
    assert (record["median"], record["spread"], record["memory"]) == (2.0, 2.0, 5_000_000)


def test_picture_is_a_png_for_any_rows():
    for rows in (ROWS, ROWS[:1], []):
        assert benchmark_png(rows).startswith(b"\x89PNG")
