import pytest

from benchmarks.cases import (
    ART,
    BFLOAT16,
    EPOCH,
    EPOCH_WAITING,
    EXACT,
    FLOOR,
    FOOLBOX,
    ITERATION,
    PLAIN,
    TORCHATTACKS,
    WAITING,
)
from benchmarks.page import benchmark_markdown
from benchmarks.tables import TARGETS, Target, frame_of, memory_table, ratios, target_table

MACHINE = {"processor": "one", "bfloat16": "in hardware"}


def row(part, case, *seconds, method="", size=112, batch_size=8, **measured):
    place = {"part": part, "method": method, "network": "resnet34", "size": size, "batch_size": batch_size}
    return {**place, "case": case, "seconds": list(seconds), **measured}


ROWS = [
    row("attack", EXACT, 1.0, 2.0, 4.0, memory=5_000_000, loss=0.5, difference=1e-6, commit="abc"),
    row("attack", TORCHATTACKS, 1.5, 3.2, 5.6),
    row("attack", ART, 1.9, 3.6, 8.4),
    row("attack", FOOLBOX, 2.0, 4.0, 8.0),
    row("attack", FLOOR, 1.0, 1.6, 4.0),
    row("training", EXACT, 8.0, method="dpaat"),
    row("training", BFLOAT16, 3.6, method="dpaat"),
    row("training", PLAIN, 10.0, method="dpaat"),
    row("training", EXACT, 8.0, method="at"),
    row("training", PLAIN, 10.0, method="at"),
    row("methods", "std", 2.0, 4.0),
    row("methods", "at", 16.0, 20.0),
    row("loader", WAITING, 0.01, 0.06, method="at"),
    row("loader", ITERATION, 1.0, 2.0, method="at"),
    row("loader", EPOCH_WAITING, 0.3, method="at"),
    row("loader", EPOCH, 3.0, method="at"),
    row("scaling", EXACT, 3.0, method="at", memory=20_000_000),
    row("scaling", EXACT, 2.0, method="at", batch_size=4, memory=12_000_000),
]


def test_repeats_are_paired():
    # The machine is four times slower in the last repeat: ratios 2, 1 and 3, of which the median is 2. That of the
    # medians would be 4 / 3.
    found = ratios(frame_of([row("attack", "a", 4.0, 2.0, 12.0), row("attack", "b", 2.0, 2.0, 4.0)]), "a", "b")
    assert found.to_numpy().tolist() == [[2.0, 1.0, 3.0]]


def test_ratios_are_taken_within_a_group():
    rows = [row("attack", TORCHATTACKS, 9.0, size=224), row("attack", EXACT, 2.0), row("attack", TORCHATTACKS, 4.0)]
    found = ratios(frame_of(rows), EXACT, TORCHATTACKS)
    assert found["median"].to_dict() == {("attack", "", "resnet34", 112, 8): 0.5}
    assert ratios(frame_of(rows), EXACT, FLOOR).empty


def test_targets_are_judged_by_the_median_of_the_repeats():
    table = target_table(frame_of(ROWS))
    assert table.iloc[:, 3:].to_numpy().tolist() == [
        # 1.5, 1.6 and 1.4.
        ["attack: torchattacks / ours, exact", ">= 1.50", "1.50", "1.40 to 1.60", "met"],
        # 1.9, 1.8 and 2.1.
        ["attack: ART / ours, exact", ">= 2.00", "1.90", "1.80 to 2.10", "missed"],
        ["attack: foolbox / ours, exact", ">= 2.00", "2.00", "2.00 to 2.00", "met"],
        # 1, 1.25 and 1.
        ["attack: ours, exact / floor", "<= 1.050", "1.000", "1.000 to 1.250", "met"],
        ["training dpaat: ours, exact / plain loop", "<= 0.80", "0.80", "0.80 to 0.80", "met"],
        ["training dpaat: ours, bfloat16 / plain loop", "<= 0.35", "0.36", "0.36 to 0.36", "missed"],
        # 1 % and 3 %.
        ["loader at: waiting for a batch / iteration", "< 3.0%", "2.0%", "1.0% to 3.0%", "met"],
    ]
    assert table.iloc[0, :3].tolist() == ["resnet34", 112, 8]


def test_every_size_is_judged_by_itself():
    rows = [*ROWS[:2], row("attack", EXACT, 1.0, size=224), row("attack", TORCHATTACKS, 1.2, size=224)]
    assert target_table(frame_of(rows))[["size", "verdict"]].to_numpy().tolist() == [[112, "met"], [224, "missed"]]


@pytest.mark.parametrize(
    ("sign", "below", "at", "above"), [(">=", False, True, True), ("<=", True, True, False), ("<", True, False, False)]
)
def test_the_sign_decides_at_the_bound_itself(sign, below, at, above):
    for seconds, met in ((1.9, below), (2.0, at), (2.1, above)):
        frame = frame_of([row("attack", EXACT, seconds), row("attack", FLOOR, 1.0)])
        verdict = target_table(frame, [Target("attack", "", EXACT, FLOOR, sign, 2.0)])["verdict"].item()
        assert verdict == ("met" if met else "missed")


def test_targets_are_distinct():
    assert len({target[:4] for target in TARGETS}) == len(TARGETS)


def test_memory_per_image_is_a_line_of_least_squares():
    # Means 4 and 10; sums of squares 8 and 62, of products 22: slope 22 / 8, and r² 22² / (8 * 62).
    rows = [
        row("scaling", EXACT, 1.0, method="at", batch_size=size, memory=megabytes * 1_000_000)
        for size, megabytes in ((2, 5), (4, 9), (6, 16))
    ]
    rows += [
        row("scaling", EXACT, 1.0, method="dpaat", batch_size=size, memory=(20 + 5.5 * size) * 1_000_000)
        for size in (2, 4)
    ]
    # One batch size alone, or no memory, has no line.
    rows += [row("scaling", EXACT, 1.0, method="at", size=224, memory=1), row("scaling", EXACT, 1.0, method="std")]
    table = memory_table(frame_of(rows))
    assert table["method"].tolist() == ["at", "dpaat"]
    assert table.iloc[0, 3:].tolist() == pytest.approx([2.75, -1.0, 484 / 496, 1.0])
    assert table.iloc[1, 3:].tolist() == pytest.approx([5.5, 20.0, 1.0, 2.0])


def test_page_has_medians_spreads_and_ratios_of_repeats():
    text = benchmark_markdown(ROWS, MACHINE, "wall")
    # Ratios 1 / 1.5, 2 / 3.2 and 4 / 5.6 to torchattacks; 1, 1.25 and 1 to the floor.
    assert "| resnet34 | 112 | 8 | ours, exact | 2.000 (3.000) | 0.67 | 1.00 | 5 | 0.5000 | 1e-06 |" in text
    assert "| resnet34 | 112 | 8 | ours, exact | 8.000 (0.000) | 0.80 |  |  |  |  |" in text
    # 16 / 2 and 20 / 4 of a standard training's step.
    assert "| resnet34 | 112 | 8 | at | 18.000 (4.000) | 6.50 |  |  |  |  |" in text
    assert "| resnet34 | 112 | 8 | at | 1.500 (1.000) | 2.0% | 10.0% |" in text
    assert "| resnet34 | 112 | at | 2.0 | 4 | 1.0000 | 1.00 |" in text
    assert "wall-clock time, median" in text
    assert "- processor: one" in text
    assert "- commit: abc" in text


def test_page_begins_with_the_summary_and_ends_with_the_parts_in_order():
    text = benchmark_markdown(ROWS[::-1], MACHINE, "processor")
    assert [line for line in text.splitlines() if line.startswith("## ")] == [
        "## Summary",
        "## How it was measured",
        "## Memory per image",
        "## Loader",
        "## Attack",
        "## Training, at",
        "## Training, dpaat",
        "## Methods",
        "## Scaling, at",
    ]
    assert "processor time, median" in text


def test_missing_bfloat16_is_said():
    sentence = 'The case "ours, bfloat16" was not measured'
    assert sentence not in benchmark_markdown(ROWS, MACHINE, "wall")
    assert sentence in benchmark_markdown(ROWS, {**MACHINE, "bfloat16": "not in hardware"}, "wall")


def test_no_rows_are_no_tables():
    assert "|" not in benchmark_markdown([], MACHINE, "wall")
