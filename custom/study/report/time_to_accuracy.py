"""How much robust accuracy a training reaches in how much time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custom.report.figures import Line, lines_figure
from custom.report.page import Cell, Panel, Section, Table
from custom.report.sections.cells import NOTHING
from custom.study.report.training import mean_by_epoch
from custom.study.results import Arm, Group

ACCURACY = "val_accuracy_attacked"
SHARE = 0.95
"""The level is this share of what the baseline reaches."""

BUDGET = 1 / 3
"""The fixed time is this share of the baseline's."""


@dataclass(frozen=True)
class Progress:
    """The validation of one training, epoch by epoch.

    Attributes:
        seconds: time that the training took until the end of each epoch, validation not counted, shape (E,).
        accuracy: validation accuracy under attack after each epoch, in [0, 1], shape (E,).
    """

    seconds: NDArray[np.float64]
    accuracy: NDArray[np.float64]

    def time_to(self, level: float) -> float | None:
        """Seconds until the accuracy first reaches a level; ``None`` if it never does."""
        reached = np.flatnonzero(self.accuracy >= level)
        return float(self.seconds[reached[0]]) if len(reached) else None

    def reached_in(self, seconds: float) -> float:
        """The highest accuracy within a time; 0 if no epoch ends within it."""
        return float(self.accuracy[self.seconds <= seconds].max(initial=0.0))


def progress_of(arm: Arm, clock: str = "cpu_seconds") -> dict[int, Progress]:
    """The progress of an arm's runs by seed.

    A run whose record has no times, as runs of before they were kept, takes the mean of the arm's other seeds.

    Args:
        arm: the runs.
        clock: ``"cpu_seconds"``, or ``"seconds"`` for what runs on a GPU.

    Returns:
        The progress by seed; empty if no run of the arm has times.
    """
    timed: dict[int, list[float]] = {
        seed: record["times"][clock] for seed, record in arm.records.items() if record.get("times")
    }
    if not timed:
        return {}
    mean = mean_by_epoch(list(timed.values())).tolist()
    found = {}
    for seed in arm.seeds:
        accuracy = np.array([_known(value) for value in arm.records[seed]["history"][ACCURACY]])
        seconds = np.cumsum(timed.get(seed, mean))
        found[seed] = Progress(seconds[: len(accuracy)], accuracy[: len(seconds)])
    return found


def time_section(group: Group) -> Section | None:
    """Time until the validation accuracy under attack reaches a level, and the accuracy in a fixed time.

    The group's ``baselines`` are arms whose accuracy sets a level each, and whose time the others are measured by; its
    ``clock`` is ``"cpu_seconds"`` if it has none.

    Args:
        group: the group.

    Returns:
        The section; ``None`` if the group names no baselines, or one has no times yet.
    """
    clock = str(group.facts.get("clock", "cpu_seconds"))
    unit = "CPU seconds" if clock == "cpu_seconds" else "Seconds"
    progress = {name: found for name, arm in group.arms.items() if (found := progress_of(arm, clock))}
    baselines = list(group.facts.get("baselines", []))
    if not baselines or any(name not in progress for name in baselines):
        return None
    levels = {name: SHARE * _mean(run.accuracy.max() for run in progress[name].values()) for name in baselines}
    whole = {name: _mean(run.seconds[-1] for run in progress[name].values()) for name in baselines}
    first = baselines[0]
    header = ["Arm", "Seeds", unit, f"Share of {first}", "Attacked accuracy, best epoch"]
    header += [f"Seconds to {100 * level:.1f} %, {SHARE:.0%} of {name}" for name, level in levels.items()]
    header += [f"Attacked accuracy in a third of {name}'s time" for name in baselines]
    rows: list[list[object]] = []
    for name, runs in progress.items():
        total = _mean(run.seconds[-1] for run in runs.values())
        row: list[object] = [Cell(name), len(runs), f"{total:.0f}", f"{total / whole[first]:.2f}"]
        row.append(_percent([float(run.accuracy.max()) for run in runs.values()]))
        row += [_time_cell(runs.values(), levels[base], whole[base]) for base in baselines]
        row += [_percent([run.reached_in(BUDGET * whole[base]) for run in runs.values()]) for base in baselines]
        rows.append(row)
    lines = {name: _mean_line(list(runs.values())) for name, runs in progress.items()}
    figure = lines_figure(
        lines,
        title="Robust accuracy by time",
        xlabel=f"{unit} of training",
        ylabel="validation accuracy under attack",
        ylim=(0, 1),
        marker="o",
    )
    texts = [
        str(group.facts.get("description", "")),
        f"{unit} of the training alone, without start and validation, until the first epoch whose validation accuracy "
        f"under the training attack reaches {SHARE:.0%} of what a baseline reaches, in brackets as a share of the "
        "baseline's whole training. Means over the seeds; of accuracies the smallest and the largest in brackets.",
    ]
    return Section(
        f"{group.name}_time",
        f"{group.title}: time to robust accuracy",
        [text for text in texts if text],
        [Table(header, rows, 1)],
        [Panel(f"{group.name}_time", figure, "Mean over the seeds, epoch by epoch.")],
    )


def _time_cell(runs: Any, level: float, whole: float) -> Cell:
    times = [run.time_to(level) for run in runs]
    reached = [time for time in times if time is not None]
    if not reached:
        return Cell(NOTHING, "not reached")
    note = "" if len(reached) == len(times) else f"{len(reached)} of {len(times)} seeds reach it"
    return Cell(f"{np.mean(reached):.0f} ({np.mean(reached) / whole:.2f})", note)


def _percent(values: Sequence[float]) -> str:
    low, high = 100 * min(values), 100 * max(values)
    return f"{100 * np.mean(values):.1f} ({low:.1f} to {high:.1f})"


def _mean_line(runs: Sequence[Progress]) -> Line:
    seconds = mean_by_epoch([run.seconds.tolist() for run in runs])
    accuracy = mean_by_epoch([run.accuracy.tolist() for run in runs])
    return Line(seconds.tolist(), accuracy.tolist())


def _mean(values: Any) -> float:
    return float(np.mean(list(values)))


def _known(value: float | None) -> float:
    return 0.0 if value is None else float(value)
