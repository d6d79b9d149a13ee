from custom.benchmark.case import EPOCH, EPOCH_WAITING, ITERATION, WAITING
from custom.benchmark.report import benchmark_markdown
from custom.benchmark.row import Row
from custom.benchmark.timing import Timing

ROWS = [
    Row("attack", "resnet34", 112, 8, "ours, exact", Timing((1.0, 2.0, 3.0)), 5_000_000, 0.5, 1e-6),
    Row("attack", "resnet34", 112, 8, "torchattacks", Timing((2.0, 4.0, 5.0))),
    Row("attack", "resnet34", 112, 8, "floor", Timing((0.8, 2.0, 2.0))),
    Row("training, dpaat", "resnet34", 112, 8, "ours, exact", Timing((3.0,))),
    Row("training, dpaat", "resnet34", 112, 8, "plain loop", Timing((4.0,))),
    Row("scaling, at", "resnet34", 112, 8, "ours, exact", Timing((3.0,)), 20_000_000),
    Row("scaling, at", "resnet34", 112, 4, "ours, exact", Timing((2.0,)), 12_000_000),
    Row("loader, at", "resnet34", 112, 8, WAITING, Timing((0.01, 0.03))),
    Row("loader, at", "resnet34", 112, 8, ITERATION, Timing((1.0, 1.0))),
    Row("loader, at", "resnet34", 112, 8, EPOCH_WAITING, Timing((0.3,))),
    Row("loader, at", "resnet34", 112, 8, EPOCH, Timing((3.0,))),
]
MACHINE = {"processor": "one", "bfloat16": "in hardware"}


def test_table_holds_medians_spreads_and_ratios_of_repeats():
    text = benchmark_markdown(ROWS, MACHINE, "wall")
    # Ratios 0.5, 0.5, 0.6 to torchattacks and 1.25, 1, 1.5 to the floor.
    assert "| resnet34 | 112 | 8 | ours, exact | 2.000 (2.000) | 0.50 | 1.25 | 5 | 0.5000 | 1e-06 |" in text
    assert "| resnet34 | 112 | 8 | ours, exact | 3.000 (0.000) | 0.75 |  |  |  |  |" in text
    assert "wall-clock time, median" in text
    assert "- processor: one" in text


def test_summary_comes_first_and_the_tables_last():
    text = benchmark_markdown(ROWS, MACHINE, "processor")
    heads = [line for line in text.splitlines() if line.startswith("## ")]
    assert heads == [
        "## Summary",
        "## How it was measured",
        "## Memory per image",
        "## Loader",
        "## Attack",
        "## Training, dpaat",
        "## Scaling, at",
    ]
    assert "| resnet34 | 112 | at | 2.0 | 4 | 1.0000 | 1.00 |" in text
    assert "processor time, median" in text


def test_waiting_is_a_share():
    text = benchmark_markdown(ROWS, MACHINE, "wall")
    assert "| resnet34 | 112 | 8 | at | 1.000 (0.000) | 2.0% | 10.0% |" in text


def test_missing_16_bits_are_told():
    sentence = 'The case "ours, bfloat16" was not measured'
    assert sentence not in benchmark_markdown(ROWS, MACHINE, "wall")
    assert sentence in benchmark_markdown(ROWS, {**MACHINE, "bfloat16": "not in hardware"}, "wall")


def test_no_rows_are_no_tables():
    assert "|" not in benchmark_markdown([], MACHINE, "wall")
