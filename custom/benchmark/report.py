"""The benchmark as a table and as a picture."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from custom.benchmark.measurements import EXACT, FLOOR, PLAIN, REDUCED
from custom.benchmark.row import Row, relative_to
from custom.report.style import COLOURS, figure_png

TORCHATTACKS = "torchattacks"


def benchmark_markdown(rows: Sequence[Row], machine: Mapping[str, object], clock: str) -> str:
    """A table of all rows, with what they are relative to.

    Args:
        rows: the measurements.
        machine: what they were made on.
        clock: the clock that was read.

    Returns:
        Markdown.
    """
    kind = "wall-clock" if clock == "wall" else "processor"
    lines = [
        "# Benchmark",
        "",
        "Written by `python scripts/benchmark.py`. Seven-step l2 PGD, epsilon 0.3, step 0.15. Cases of one group "
        f"alternate; seconds are {kind} time, median (largest minus smallest). Ratios are medians divided by the "
        "median of torchattacks (attacks), of the plain loop (training), and of the bare forward and backward "
        "passes that our exact run asks for (floor): below 1 is faster. Memory is the peak beyond what was in "
        "use before. Difference: largest change of a value against our attack without accelerations. Random "
        "weights, so losses tell contenders apart, not networks.",
        "",
        *(f"- {name}: {value}" for name, value in machine.items()),
        "",
    ]
    head = "| network | size | batch | case | seconds | ratio | to floor | memory MB | loss | difference |"
    for part in dict.fromkeys(row.part for row in rows):
        lines += [f"## {part.capitalize()}", "", head, "|" + " --- |" * 10]
        for row in (row for row in rows if row.part == part):
            reference = TORCHATTACKS if part == "attack" else PLAIN
            cells = [
                row.network,
                str(row.size),
                str(row.batch_size),
                row.case,
                f"{row.timing.median:.3f} ({row.timing.spread:.3f})",
                _number(relative_to(rows, row, reference), ".2f"),
                _number(relative_to(rows, row, FLOOR), ".2f"),
                _number(None if row.memory is None else row.memory / 1e6, ".0f"),
                _number(row.loss, ".4f"),
                _number(row.difference, ".0e"),
            ]
            lines.append("| " + " | ".join(cells) + " |")
        lines.append("")
    return "\n".join(lines)


def _number(value: float | None, form: str) -> str:
    """A number, or nothing."""
    return "" if value is None else format(value, form)


def benchmark_png(rows: Sequence[Row]) -> bytes:
    """Bars of the attacks and of the training steps, and curves over the batch size.

    Args:
        rows: the measurements.

    Returns:
        Content of a PNG file.
    """
    figure = Figure(figsize=(15, 5), layout="constrained")
    attack, training, scaling = figure.subplots(1, 3)
    attacks = [row for row in rows if row.part == "attack"]
    _bars(attack, attacks, TORCHATTACKS, [row.case for row in attacks])
    attack.set_title("One attack: time, torchattacks = 1")
    steps = [row for row in rows if row.part.startswith("training")]
    _bars(training, steps, PLAIN, [EXACT, REDUCED, FLOOR])
    training.set_title("One training step: time, plain loop = 1")
    _curves(scaling, [row for row in rows if row.part.startswith("scaling")])
    return figure_png(figure)


def _bars(axes: Axes, rows: Sequence[Row], reference: str, cases: Sequence[str]) -> None:
    """One group of bars for each network, size and part."""
    groups = list(dict.fromkeys(row.group for row in rows))
    cases = [case for case in dict.fromkeys(cases) if case != reference]
    for place, case in enumerate(cases):
        found = [row for row in rows if row.case == case]
        heights = [(groups.index(row.group), relative_to(rows, row, reference)) for row in found]
        drawn = [(at + place / (len(cases) + 1), height) for at, height in heights if height is not None]
        axes.bar(
            [at for at, _ in drawn],
            [height for _, height in drawn],
            width=1 / (len(cases) + 1),
            align="edge",
            label=case,
            color=COLOURS[place % len(COLOURS)],
        )
    axes.axhline(1.0, color="black", linewidth=0.8)
    names = [f"{network} {size}\n{part.partition(', ')[2]}" for part, network, size, _ in groups]
    axes.set_xticks([at + 0.4 for at in range(len(groups))], names, rotation=60, fontsize=7)
    if cases and groups:
        axes.legend(fontsize=7)


def _curves(axes: Axes, rows: Sequence[Row]) -> None:
    """Time per image over the batch size, one curve for each method and size."""
    for colour, key in enumerate(dict.fromkeys((row.part, row.size) for row in rows)):
        found = [row for row in rows if (row.part, row.size) == key]
        axes.plot(
            [row.batch_size for row in found],
            [1000 * row.timing.median / row.batch_size for row in found],
            marker="o",
            label=f"{key[0].partition(', ')[2]}, {key[1]}x{key[1]}",
            color=COLOURS[colour % len(COLOURS)],
        )
    axes.set_title("Ours: milliseconds per image of a training step")
    axes.set_xlabel("batch size")
    axes.set_ylim(bottom=0)
    if rows:
        axes.legend(fontsize=7)
