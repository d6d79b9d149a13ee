"""How far a study is, as a table."""

from __future__ import annotations

import csv
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TextIO

from custom.runs.names import EVALUATION_NAME, HISTORY_NAME
from custom.study.cluster import Result
from custom.study.estimate import passes
from custom.study.execution import DONE, Place
from custom.study.planned_run import PlannedRun


@dataclass
class Progress:
    """Shows the running runs, and how many are finished, failed and to come.

    On a terminal the table is drawn again in place; elsewhere a line is printed for each run that ends.

    Attributes:
        runs: all runs of the study, by their hashes.
        place: where their files are.
        known: hashes of runs that were finished before.
        stream: where to print.
    """

    runs: Mapping[str, PlannedRun]
    place: Place
    known: frozenset[str]
    stream: TextIO = sys.stderr
    _started: float = field(default_factory=time.time)
    _drawn: int = 0
    _said: int = 0

    def __call__(self, results: Sequence[Result]) -> None:
        """Show what there is to see now.

        Args:
            results: of the runs that have ended.
        """
        for result in results[self._said :]:
            self._clear()
            ending = f"failed: {result.error}" if result.error else "finished"
            print(f"{time.strftime('%H:%M')}  {result.run.label}: {ending}", file=self.stream, flush=True)
        self._said = len(results)
        if self.stream.isatty():
            self._clear()
            lines = self.table(results)
            print("\n".join(lines), file=self.stream, flush=True)
            self._drawn = len(lines)

    def table(self, results: Sequence[Result]) -> list[str]:
        """The lines of the table."""
        ended = {result.run.hash: result for result in results}
        different = self.runs
        shares = {key: self.share(run) for key, run in different.items() if key not in ended and key not in self.known}
        running = [(different[key], share) for key, share in shares.items() if share is not None]
        finished = len(self.known) + sum(not result.error for result in results)
        failed = sum(bool(result.error) for result in results)
        waiting = len(shares) - len(running)
        lines = [f"  {run.label:60} {stage:10} {share:4.0%}" for run, (stage, share) in running]
        counts = (
            f"  {finished} of {len(different)} finished, {failed} failed, {len(running)} running, {waiting} to come"
        )
        return [*lines, f"{counts}; {self.left(ended, dict(shares))}"]

    def share(self, run: PlannedRun) -> tuple[str, float] | None:
        """What a run is doing, and which share of that is done; ``None`` if it has not begun."""
        folder = self.place.folder(run)
        if (folder / DONE).is_file():
            attacks = folder / EVALUATION_NAME / "attacks"
            return "evaluating", min(len(list(attacks.glob("*.npz"))) / 12, 1.0) if attacks.is_dir() else 0.0
        if not folder.is_dir():
            return None
        epochs = int(run.settings["warm_up_epochs"]) + int(run.settings["fine_tuning_epochs"])
        history = folder / HISTORY_NAME
        rows = 0
        if history.is_file():
            with history.open(newline="", encoding="utf-8") as file:
                rows = sum(1 for _ in csv.DictReader(file))
        return "training", rows / max(epochs, 1)

    def left(self, ended: Mapping[str, Result], rest: Iterable[str]) -> str:
        """How long the rest will take, at the pace since the start, weighted by the runs' passes."""
        done = sum(passes(self.runs[key]) for key, result in ended.items() if not result.error)
        if not done:
            return "time left not known yet"
        hours = (time.time() - self._started) * sum(passes(self.runs[key]) for key in rest) / done / 3600
        return f"about {hours:.1f} hours left"

    def _clear(self) -> None:
        if self._drawn:
            print(f"\x1b[{self._drawn}A\x1b[J", end="", file=self.stream)
            self._drawn = 0
