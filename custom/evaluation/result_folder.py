"""Result folders that are replaced as a whole."""

from __future__ import annotations

from pathlib import Path

from custom.files import ResultFolder

PARTS = "attacks"
"""Folder of the finished attacks, from which an interrupted evaluation resumes."""

DATA = "data"
"""Folder of the arrays that figures need."""

SHOWN = ("report.html", "figures", "pictures")
"""What a report adds later, or an earlier version did."""

ENTRIES = frozenset({"metrics.json", "metrics.csv", "predictions.csv", DATA, PARTS, *SHOWN})
"""All that a result folder may hold; a folder with anything else is somebody's own and never replaced."""


def result_folder(output: Path) -> ResultFolder:
    """The folder of an evaluation; finished attacks are carried over when it is replaced.

    Args:
        output: the folder to be made or replaced.

    Raises:
        ValueError: if it is a file, or a folder that holds other files than results.
    """
    return ResultFolder(output, ENTRIES, carry_over=[PARTS])
