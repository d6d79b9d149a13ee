"""A table of numbers with one row an epoch, in a file that survives kill and resume."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from custom.files import write_atomically


class EpochTable:
    """A CSV file with one row per epoch and one column per number.

    Args:
        path: of the file, which appears with the first row.

    Example::

        >>> table = EpochTable(Path("history.csv"))
        >>> table.read(until=0)
        >>> table.rows
        []

    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: list[dict[str, float]] = []

    def read(self, until: int) -> None:
        """Read the rows of an earlier training's epochs; later ones, which are done again, are dropped.

        Args:
            until: the last epoch to read.

        Raises:
            ValueError: if the file is not such a table.
        """
        self.rows = []
        if until == 0 or not self.path.is_file():
            return
        with self.path.open(newline="", encoding="utf-8") as file:
            try:
                rows = [{name: number(value) for name, value in row.items() if value} for row in csv.DictReader(file)]
                self.rows = [row for row in rows if row["epoch"] <= until]
            except (KeyError, TypeError, ValueError) as error:
                raise ValueError(
                    f"{self.path} is not a table of epochs; move it away to continue without it."
                ) from error

    def append(self, epoch: int, row: Mapping[str, float]) -> None:
        """Add an epoch's row and write the file.

        Args:
            epoch: its number.
            row: its numbers by column.

        Raises:
            OSError: if the file cannot be written.
        """
        self.rows.append({"epoch": epoch, **row})
        columns = list(dict.fromkeys(name for row in self.rows for name in row))
        text = io.StringIO()
        writer = csv.DictWriter(text, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows)
        write_atomically(self.path, text.getvalue().encode())


def number(text: str) -> float:
    """The number that was written as ``text``; an integer stays one, so that a table read and written is the same."""
    return int(text) if text.lstrip("-").isdigit() else float(text)
