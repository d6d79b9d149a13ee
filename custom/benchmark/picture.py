"""The benchmark as a picture."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from custom.benchmark.case import EXACT, FLOOR, PLAIN, REDUCED, TORCHATTACKS
from custom.benchmark.ratio import relative_to
from custom.benchmark.row import Row
from custom.report.style import COLOURS, figure_png


def benchmark_png(rows: Sequence[Row]) -> bytes:
    """Bars of the attacks and of the training steps, and curves over the batch size.

    Args:
        rows: the measurements.

    Returns:
        Content of a PNG file.
    """
    figure = Figure(figsize=(14, 10), layout="constrained")
    # The training steps, a group for each method, network and size, need the whole width.
    places = figure.subplot_mosaic([["attack", "scaling"], ["training", "training"]])
    attack, training, scaling = places["attack"], places["training"], places["scaling"]
    attacks = [row for row in rows if row.part == "attack"]
    _bars(attack, attacks, TORCHATTACKS, [row.case for row in attacks])
    attack.set_title("One attack: time, torchattacks = 1")
    steps = [row for row in rows if row.group.kind == "training"]
    _bars(training, steps, PLAIN, [EXACT, REDUCED, FLOOR])
    training.set_title("One training step: time, plain loop = 1")
    _curves(scaling, [row for row in rows if row.group.kind == "scaling"])
    return figure_png(figure)


def _bars(axes: Axes, rows: Sequence[Row], reference: str, cases: Sequence[str]) -> None:
    """One group of bars for each network, size and part."""
    groups = list(dict.fromkeys(row.group for row in rows))
    measured = {row.case for row in rows} - {reference}
    cases = [case for case in dict.fromkeys(cases) if case in measured]
    for place, case in enumerate(cases):
        found = [row for row in rows if row.case == case]
        heights = [(groups.index(row.group), relative_to(rows, row, reference)) for row in found]
        drawn = [(at + place / (len(cases) + 1), height.median) for at, height in heights if height is not None]
        axes.bar(
            [at for at, _ in drawn],
            [height for _, height in drawn],
            width=1 / (len(cases) + 1),
            align="edge",
            label=case,
            color=COLOURS[place % len(COLOURS)],
        )
    axes.axhline(1.0, color="black", linewidth=0.8)
    names = [f"{group.method} {group.network} {group.size}".strip() for group in groups]
    axes.set_xticks([at + 0.4 for at in range(len(groups))], names, rotation=40, ha="right", fontsize=8)
    if cases and groups:
        # Room for the legend above the bars.
        axes.set_ylim(top=1.4 * axes.get_ylim()[1])
        axes.legend(fontsize=7, ncols=2, loc="upper left")


def _curves(axes: Axes, rows: Sequence[Row]) -> None:
    """Time per image over the batch size, one curve for each method and size."""
    for colour, (method, size) in enumerate(dict.fromkeys((row.group.method, row.size) for row in rows)):
        found = [row for row in rows if (row.group.method, row.size) == (method, size)]
        axes.plot(
            [row.batch_size for row in found],
            [1000 * row.timing.median / row.batch_size for row in found],
            marker="o",
            label=f"{method}, {size}x{size}",
            color=COLOURS[colour % len(COLOURS)],
        )
    axes.set_title("Ours: milliseconds per image of a training step")
    axes.set_xlabel("batch size")
    if rows:
        # Room for the legend above the curves.
        axes.set_ylim(0, 1.3 * axes.get_ylim()[1])
        axes.legend(fontsize=7, ncols=2, loc="upper left")
