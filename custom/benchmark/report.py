"""The benchmark as a page."""

from collections.abc import Mapping, Sequence

from custom.benchmark.case import EPOCH, EPOCH_WAITING, EXACT, FLOOR, ITERATION, PLAIN, REDUCED, TORCHATTACKS, WAITING
from custom.benchmark.machine import IN_HARDWARE
from custom.benchmark.memory_per_image import memory_lines
from custom.benchmark.ratio import Ratio, relative_to
from custom.benchmark.row import Row
from custom.benchmark.summary import summary_lines

INTRODUCTION = """\
Written by `python scripts/benchmark.py`. Seven-step l2 PGD, epsilon 0.3, step 0.15. Cases of one group alternate;
seconds are {clock} time, median (largest minus smallest). Ratios are those of the times of two cases in the same
repeat, and of these the median: relative to torchattacks (attacks), to the plain loop (training), to our exact attack
(accelerations, one of which is left out), and to the bare forward and backward passes that our exact run asks for
(floor). Below 1 is faster. Memory is the peak beyond what was in use before. Difference: largest change of a value
against our attack without accelerations. Random weights, so losses tell contenders apart, not networks. Our cases run
with freed memory kept in the process, as our trainings do; other libraries without, but for "memory kept"."""
NO_BFLOAT16 = 'The case "{case}" was not measured, as this device does not compute with bfloat16 in hardware.'
# What the cases of a part are relative to, where it is not the plain loop.
REFERENCES = {"attack": TORCHATTACKS, "accelerations": EXACT}
LOADER = """\
Waiting for a batch: from the end of the iteration before to the batch, in wall-clock time; median over the iterations
of an epoch but the first, at which the loader's workers start. The whole epoch has the first, too."""


def benchmark_markdown(rows: Sequence[Row], machine: Mapping[str, object], clock: str) -> str:
    """What was found out, and a table of all rows, with what they are relative to.

    Args:
        rows: the measurements.
        machine: what they were made on.
        clock: the clock that was read.

    Returns:
        Markdown.
    """
    kind = "wall-clock" if clock == "wall" else "processor"
    lines = ["# Benchmark", "", *summary_lines(rows)]
    lines += ["## How it was measured", "", *INTRODUCTION.format(clock=kind).splitlines(), ""]
    if machine.get("bfloat16") != IN_HARDWARE:
        lines += [NO_BFLOAT16.format(case=REDUCED), ""]
    commits = ", ".join(dict.fromkeys(row.commit for row in rows if row.commit))
    lines += [*(f"- {name}: {value}" for name, value in machine.items()), f"- commit: {commits or 'unknown'}", ""]
    lines += memory_lines(rows)
    lines += _loader_lines([row for row in rows if row.group.kind == "loader"])
    timed = [row for row in rows if row.group.kind != "loader"]
    for part in dict.fromkeys(row.part for row in timed):
        lines += _part_lines(part, [row for row in timed if row.part == part])
    return "\n".join(lines)


def _loader_lines(rows: Sequence[Row]) -> list[str]:
    """A table of the share of waiting, one line for each method and size."""
    found = []
    for group in dict.fromkeys(row.group for row in rows):
        times = {row.case: row for row in rows if row.group == group}
        share = _median(relative_to(rows, times[WAITING], ITERATION), ".1%")
        of_epoch = _median(relative_to(rows, times[EPOCH_WAITING], EPOCH), ".1%")
        found.append(
            f"| {group.network} | {group.size} | {group.batch_size} | {group.method} "
            f"| {_seconds(times[ITERATION])} | {share} | {of_epoch} |"
        )
    if not found:
        return []
    head = "| network | size | batch | method | seconds of an iteration | waiting of it | waiting of the epoch |"
    return ["## Loader", "", *LOADER.splitlines(), "", head, "|" + " --- |" * 7, *found, ""]


def _part_lines(part: str, rows: Sequence[Row]) -> list[str]:
    """A table of all cases of one part."""
    reference = REFERENCES.get(part, PLAIN)
    head = "| network | size | batch | case | seconds | ratio | to floor | memory MB | loss | difference |"
    lines = [f"## {part.capitalize()}", "", head, "|" + " --- |" * 10]
    for row in rows:
        cells = [
            row.network,
            str(row.size),
            str(row.batch_size),
            row.case,
            _seconds(row),
            _median(relative_to(rows, row, reference), ".2f"),
            _median(relative_to(rows, row, FLOOR), ".2f"),
            _number(None if row.memory is None else row.memory / 1e6, ".0f"),
            _number(row.loss, ".4f"),
            _number(row.difference, ".0e"),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return [*lines, ""]


def _seconds(row: Row) -> str:
    """Median and spread of the repeats."""
    return f"{row.timing.median:.3f} ({row.timing.spread:.3f})"


def _median(ratio: Ratio | None, form: str) -> str:
    """The median of a ratio, or nothing."""
    return _number(None if ratio is None else ratio.median, form)


def _number(value: float | None, form: str) -> str:
    """A number, or nothing."""
    return "" if value is None else format(value, form)
