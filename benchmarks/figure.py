"""The benchmark as a figure."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.measure import Row
from benchmarks.tables import REFERENCES, frame_of
from custom.report.style import COLORS, figure_png

DRAWN = ("attack", "training", "methods", "scaling")


def benchmark_png(rows: Sequence[Row]) -> bytes:
    """Bars of the attacks and of the training steps, and curves over the batch size.

    Args:
        rows: the measurements.

    Returns:
        Content of a PNG file.
    """
    frame = frame_of(rows)
    frame["where"] = frame["method"] + " " + frame["network"] + " " + frame["size"].astype(str)
    parts = [part for part in DRAWN if part in set(frame["part"])]
    figure = Figure(figsize=(12, 4 * max(1, len(parts))), layout="constrained")
    for place, part in enumerate(parts, start=1):
        axes = figure.add_subplot(len(parts), 1, place)
        found = frame[frame["part"] == part]
        if part == "scaling":
            _curves(axes, found)
        else:
            _bars(axes, found, REFERENCES[part])
    return figure_png(figure)


def _bars(axes: Axes, frame: pd.DataFrame, reference: str) -> None:
    """Times relative to the reference: a group of bars for each network and size."""
    axes.set_title(f"{frame['part'].iloc[0]}: time, {reference} = 1")
    found = frame[(frame["case"] != reference) & frame["ratio"].notna()]
    if not found.empty:
        bars = found.pivot(index="where", columns="case", values="ratio")
        bars = bars.reindex(index=found["where"].unique(), columns=found["case"].unique())
        bars.plot.bar(ax=axes, width=0.85, rot=20, xlabel="", fontsize=8, color=COLORS)
        # Room for the legend above the bars.
        axes.set_ylim(top=1.4 * axes.get_ylim()[1])
        axes.legend(fontsize=7, ncols=2, loc="upper left")
    axes.axhline(1.0, color="black", linewidth=0.8)


def _curves(axes: Axes, frame: pd.DataFrame) -> None:
    """Time per image over the batch size, one curve for each method and size."""
    axes.set_title("Ours: milliseconds per image of a training step")
    axes.set_xlabel("batch size")
    milliseconds = frame.assign(value=1000 * frame["median"] / frame["batch_size"])
    for (name, curve), color in zip(milliseconds.groupby("where", sort=False), COLORS, strict=False):
        axes.plot(curve["batch_size"], curve["value"], marker="o", label=name, color=color)
    axes.set_ylim(0, 1.3 * axes.get_ylim()[1])
    axes.legend(fontsize=7, ncols=2, loc="upper left")
