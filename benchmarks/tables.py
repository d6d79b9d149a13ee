"""Ratios of times, targets and memory per image, as data frames."""

import operator
import statistics
from collections.abc import Sequence
from typing import Literal, NamedTuple

import pandas as pd
from scipy.stats import linregress

from benchmarks.cases import ART, BFLOAT16, EXACT, FLOOR, FOOLBOX, ITERATION, PLAIN, TORCHATTACKS, WAITING
from benchmarks.groups import PARTS, Group
from benchmarks.measure import Row

GROUP = list(Group._fields)
COLUMNS = [*GROUP, "case", "seconds", "memory", "loss", "difference", "commit"]
# The case that the others of a part are compared with.
REFERENCES = {"attack": TORCHATTACKS, "accelerations": EXACT, "training": PLAIN, "methods": "std"}
COMPARE = {">=": operator.ge, "<=": operator.le, "<": operator.lt}


class Target(NamedTuple):
    """A bound for the ratio of two cases' times."""

    part: str
    method: str
    numerator: str
    denominator: str
    sign: Literal[">=", "<=", "<"]
    bound: float
    form: str = ".2f"


TARGETS = (
    Target("attack", "", TORCHATTACKS, EXACT, ">=", 1.5),
    Target("attack", "", ART, EXACT, ">=", 2.0),
    Target("attack", "", FOOLBOX, EXACT, ">=", 2.0),
    Target("attack", "", EXACT, FLOOR, "<=", 1.05, ".3f"),
    Target("attack", "", TORCHATTACKS, BFLOAT16, ">=", 3.0),
    Target("training", "dpaat", EXACT, PLAIN, "<=", 0.8),
    Target("training", "dpaat", BFLOAT16, PLAIN, "<=", 0.35),
    Target("loader", "at", WAITING, ITERATION, "<", 0.03, ".1%"),
    Target("loader", "std", WAITING, ITERATION, "<", 0.03, ".1%"),
)


def frame_of(rows: Sequence[Row]) -> pd.DataFrame:
    """The rows as a frame in the order of the parts.

    Args:
        rows: what :meth:`benchmarks.measure.Benchmark.measure` yields.

    Returns:
        A frame with ``COLUMNS``, the ``median`` and ``spread`` (largest minus smallest) of the seconds, ``ratio``
        (median over the repeats of the time relative to the part's reference case) and ``to_floor`` (the same,
        relative to the bare passes).
    """
    frame = pd.DataFrame(rows, columns=COLUMNS)
    place = frame["part"].map(PARTS.index)
    frame = frame.assign(place=place).sort_values(["place", *GROUP[1:]], kind="stable", ignore_index=True)
    frame["median"] = [statistics.median(seconds) for seconds in frame["seconds"]]
    frame["spread"] = [max(seconds) - min(seconds) for seconds in frame["seconds"]]
    parts = {part: frame[frame["part"] == part] for part in REFERENCES}
    ratio = pd.concat([_relative(parts[part], case) for part, case in REFERENCES.items()])
    frame = frame.join(ratio.rename("ratio"), on=[*GROUP, "case"])
    return frame.join(_relative(frame, FLOOR).rename("to_floor"), on=[*GROUP, "case"])


def ratios(frame: pd.DataFrame, numerator: str, denominator: str) -> pd.DataFrame:
    """Time of one case divided by that of another, repeat by repeat.

    As cases take turns, a machine that slows down from repeat to repeat slows both, and their ratios stay.

    Args:
        frame: from :func:`frame_of`.
        numerator: name of a case.
        denominator: name of another case.

    Returns:
        ``median``, ``min`` and ``max`` over the repeats, indexed by group; groups without both cases are left out.
    """
    seconds = _seconds(frame).reindex(columns=[numerator, denominator])
    quotient = (seconds[numerator] / seconds[denominator]).dropna()
    return quotient.groupby(level=GROUP, sort=False).agg(["median", "min", "max"])


def target_table(frame: pd.DataFrame, targets: Sequence[Target] = TARGETS) -> pd.DataFrame:
    """Each target in each group that has its cases, and whether the median of the repeats meets it.

    Args:
        frame: from :func:`frame_of`.
        targets: the targets.

    Returns:
        A frame ordered by network and size, as texts to print.
    """
    found = []
    for target in targets:
        group = frame[(frame["part"] == target.part) & (frame["method"] == target.method)]
        for (_, _, network, size, batch_size), ratio in ratios(group, target.numerator, target.denominator).iterrows():
            median, low, high = (format(ratio[name], target.form) for name in ("median", "min", "max"))
            part = " ".join(filter(None, (target.part, target.method)))
            found.append(
                {
                    "network": network,
                    "size": size,
                    "batch": batch_size,
                    "ratio of times": f"{part}: {target.numerator} / {target.denominator}",
                    "target": f"{target.sign} {format(target.bound, target.form)}",
                    "measured": median,
                    "lowest to highest": f"{low} to {high}",
                    "verdict": "met" if COMPARE[target.sign](ratio["median"], target.bound) else "missed",
                }
            )
    table = pd.DataFrame(found)
    return table.sort_values(["network", "size", "batch"], kind="stable") if found else table


def memory_table(frame: pd.DataFrame) -> pd.DataFrame:
    """How the peak memory of a training step grows with the batch: a line of least squares for each method.

    Args:
        frame: from :func:`frame_of`; its part ``scaling`` is used.

    Returns:
        A frame with slope and intercept in MB, r squared, and the slope relative to that of ``at``; empty unless a
        method was measured at two batch sizes.
    """
    scaling = frame[(frame["part"] == "scaling") & frame["memory"].notna()]
    found = []
    for (network, size, method), points in scaling.groupby(["network", "size", "method"]):
        if points["batch_size"].nunique() > 1:
            line = linregress(points["batch_size"].astype(float), points["memory"].astype(float) / 1e6)
            found.append((network, size, method, line.slope, line.intercept, line.rvalue**2))
    table = pd.DataFrame(found, columns=["network", "size", "method", "MB per image", "MB besides", "r²"])
    reference = table[table["method"] == "at"].set_index(["network", "size"])["MB per image"].rename("at")
    table = table.join(reference, on=["network", "size"])
    table["MB per image, at = 1"] = table["MB per image"] / table.pop("at")
    return table


def _seconds(frame: pd.DataFrame) -> pd.DataFrame:
    """Seconds with a column for each case, indexed by group and repeat."""
    times = frame[[*GROUP, "case", "seconds"]].explode("seconds")
    times["repeat"] = times.groupby([*GROUP, "case"]).cumcount()
    return times.pivot(index=[*GROUP, "repeat"], columns="case", values="seconds").astype(float)


def _relative(frame: pd.DataFrame, reference: str) -> pd.Series:
    """Median over the repeats of each case's time relative to that of another, indexed by group and case."""
    seconds = _seconds(frame)
    if reference not in seconds:
        return pd.Series(dtype=float, index=pd.MultiIndex.from_arrays([[]] * 6, names=[*GROUP, "case"]))
    relative = seconds.div(seconds[reference], axis=0)
    return relative.groupby(level=GROUP).median().stack().dropna()
