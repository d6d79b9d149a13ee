"""What a preparation tells: on the screen, and in ``left_out.csv``."""

from __future__ import annotations

import csv
import io
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from custom.counts import counted, listed
from custom.data.find_files import printable
from custom.data.forms import Recognized
from custom.data.sample import Sample
from custom.files import write_atomically
from custom.files.csv_cell import csv_cell

LISTED = 20
"""How many names of one kind are printed."""


def say(sentence: str) -> None:
    """Print a sentence in characters that the terminal can hold."""
    print(printable(sentence), flush=True)


def report_problems(found: Recognized, skip: bool) -> None:
    """Print every problem with its first names; stop unless they are to be skipped.

    Raises:
        ValueError: there are problems and ``skip`` is false.

    """
    problems = {kind: some for kind, some in found.problems.items() if some}
    for kind, some in problems.items():
        texts = listed([problem.text for problem in some], LISTED)
        print(printable(f"{'left out: ' if skip else ''}{kind} ({len(some)}): {texts}"), file=sys.stderr)
    if problems and not skip:
        raise ValueError(
            "The data have the problems listed above, and nothing was written: --skip-bad leaves them out, and "
            "lists them in left_out.csv."
        )


def report_left_out(found: Recognized) -> None:
    """Print how many files were not used, with their reasons and the first names of each."""
    for reason, count in Counter(found.left_out.values()).items():
        names = [name for name, why in found.left_out.items() if why == reason]
        say(f"{counted(count, 'path')} left out ({reason}): {listed(names, LISTED)}.")


def write_left_out(folder: Path, found: Recognized) -> None:
    """Write ``left_out.csv`` with everything that is not in the data set, if there is anything."""
    problems = [
        (path, f"{kind}: {problem.detail}" if problem.detail else kind)
        for kind, some in found.problems.items()
        for problem in some
        for path in problem.paths
    ]
    rows = [*found.left_out.items(), *problems]
    if not rows:
        return
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(["path", "reason"])
    writer.writerows([csv_cell(printable(path)), csv_cell(printable(reason))] for path, reason in rows)
    write_atomically(folder / "left_out.csv", table.getvalue().encode())


def report_splits(found: Recognized, splits: Mapping[str, Sequence[Sample]]) -> None:
    """Print the counts of each split."""
    for name, samples in splits.items():
        counts = Counter(sample.label for sample in samples)
        classes = ", ".join(f"{label} {counts[index]}" for index, label in enumerate(found.classes))
        groups = counted(len({sample.lesion_id for sample in samples}), "group")
        masks = sum(sample.mask is not None for sample in samples)
        with_masks = f", {masks} with a mask" if masks else ""
        say(f"{name:>10}: {classes}, of {groups}{with_masks}")
