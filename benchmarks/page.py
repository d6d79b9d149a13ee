"""The benchmark as a page."""

from collections.abc import Mapping, Sequence

import pandas as pd

from benchmarks.cases import BFLOAT16, EPOCH, EPOCH_WAITING, ITERATION, WAITING
from benchmarks.groups import PARTS
from benchmarks.machine import IN_HARDWARE
from benchmarks.measure import Row
from benchmarks.tables import frame_of, memory_table, ratios, target_table
from custom.markdown import markdown_table

INTRODUCTION = """\
Written by `python -m benchmarks`. Seven-step l2 PGD, epsilon 0.3, step 0.15. The cases of a group take turns; seconds
are {clock} time, median (largest minus smallest). Ratios divide the times of two cases in the same repeat, and the
median over the repeats is shown: relative to torchattacks (attack), to the plain loop (training), to a standard
training's step (methods), to our exact attack (accelerations, one of which is left out), and to the bare forward and
backward passes of our exact run (floor). Below 1 is faster. Memory is the peak beyond what was in use before, of the
process, or for methods and memory per image that of torch's tensors.
Difference: largest absolute difference of a value to our attack without accelerations. The weights are random, so
losses compare implementations, not networks. Our cases run with freed memory kept in the process, as our trainings do;
the libraries run without, except for "memory kept"."""
NO_BFLOAT16 = f'The case "{BFLOAT16}" was not measured: this device does not compute with bfloat16 in hardware.'
LOADER = """\
Waiting for a batch: from the end of the iteration before to the batch, in wall-clock time; median over the iterations
of an epoch except the first, at which the loader's workers start. The whole epoch includes the first."""
FORMATS = {"ratio": ".2f", "to floor": ".2f", "memory MB": ".0f", "loss": ".4f", "difference": ".0e"}
MEMORY_FORMATS = {"MB per image": ".1f", "MB besides": ".0f", "r²": ".4f", "MB per image, at = 1": ".2f"}


def benchmark_markdown(rows: Sequence[Row], machine: Mapping[str, object], clock: str) -> str:
    """The targets, and a table of each part.

    Args:
        rows: the measurements.
        machine: the machine that they were made on.
        clock: the clock that was read.

    Returns:
        Markdown.
    """
    frame = frame_of(rows)
    text = ["# Benchmark", *_section("Summary", "", target_table(frame))]
    text += ["## How it was measured", INTRODUCTION.format(clock="wall-clock" if clock == "wall" else "processor")]
    if machine.get("bfloat16") != IN_HARDWARE:
        text.append(NO_BFLOAT16)
    commits = ", ".join(dict.fromkeys(frame["commit"].dropna())) or "unknown"
    text.append("\n".join(f"- {name}: {value}" for name, value in {**machine, "commit": commits}.items()))
    text += _section("Memory per image", "", _formatted(memory_table(frame), MEMORY_FORMATS))
    text += _section("Loader", LOADER, _loader_table(frame[frame["part"] == "loader"]))
    for part in PARTS[:-1]:
        for method, found in frame[frame["part"] == part].groupby("method", sort=False):
            text += _section(", ".join(filter(None, (part.capitalize(), method))), "", _part_table(found))
    return "\n\n".join(text) + "\n"


def _section(title: str, note: str, table: pd.DataFrame) -> list[str]:
    """A heading, a note and a table; nothing if the table is empty."""
    if table.empty:
        return []
    body = markdown_table(list(table), table.astype(str).to_numpy().tolist())
    return [part for part in (f"## {title}", note, body) if part]


def _part_table(frame: pd.DataFrame) -> pd.DataFrame:
    """All cases of one part and method."""
    table = frame.rename(columns={"batch_size": "batch", "to_floor": "to floor"})
    table["memory MB"] = table["memory"].astype(float) / 1e6
    table["seconds"] = _seconds(frame)
    return _formatted(table[["network", "size", "batch", "case", "seconds", *FORMATS]], FORMATS)


def _loader_table(frame: pd.DataFrame) -> pd.DataFrame:
    """The share of waiting for each method and size."""
    if frame.empty:
        return frame
    share, epoch = (ratios(frame, *pair)["median"] for pair in ((WAITING, ITERATION), (EPOCH_WAITING, EPOCH)))
    table = frame.assign(times=_seconds(frame))[frame["case"] == ITERATION]
    table = table.join(share.rename("share"), on=share.index.names).join(epoch.rename("epoch"), on=epoch.index.names)
    names = {"times": "seconds of an iteration", "share": "waiting of it", "epoch": "waiting of the epoch"}
    table = table[["network", "size", "batch_size", "method", *names]].rename(columns={"batch_size": "batch", **names})
    return _formatted(table, dict.fromkeys(list(names.values())[1:], ".1%"))


def _seconds(frame: pd.DataFrame) -> list[str]:
    """Median and spread of the repeats."""
    return [f"{row.median:.3f} ({row.spread:.3f})" for row in frame[["median", "spread"]].itertuples()]


def _formatted(frame: pd.DataFrame, formats: Mapping[str, str]) -> pd.DataFrame:
    """Numbers as texts; an unknown one is an empty cell."""
    texts = {
        name: ["" if pd.isna(value) else format(value, form) for value in frame[name]] for name, form in formats.items()
    }
    return frame.assign(**texts)
