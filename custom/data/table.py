"""Tables as people have them: commas, semicolons or tabs, in any spelling of the columns."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

from custom.counts import counted
from custom.data.image_format import HEAD_BYTES, identify

_DELIMITERS = ",;\t|"
_FAULTS = {
    "unexpected end of data": "a cell begins with a quotation mark and never ends",
    "expected after": "something follows a closing quotation mark (one inside a cell is written twice)",
    "field larger than": "a cell is too long, perhaps because a quotation mark is missing",
}
"""What ``csv`` says, and what it means."""


@dataclass(frozen=True)
class Table:
    """A table's columns and rows.

    Args:
        name: what it is called in messages.
        columns: names of the columns, trimmed.
        rows: for each row its cells by column, trimmed; an absent cell is empty.

    """

    name: str
    columns: list[str]
    rows: list[dict[str, str]]

    def find(self, spellings: Sequence[str]) -> str | None:
        """Return the column that is named so, whatever the capitals, blanks, underscores and hyphens.

        Args:
            spellings: names by preference.
        """
        known = {normalized(column): column for column in reversed(self.columns)}
        return next((known[key] for key in map(normalized, spellings) if key in known), None)

    def require(self, name: str) -> str:
        """Return the column of this name.

        Raises:
            ValueError: there is none.
        """
        found = self.find([name])
        if found is None:
            raise ValueError(f"{self.name} has no column {name!r}: it has {', '.join(self.columns)}.")
        return found


def normalized(name: str) -> str:
    """A column's or split's name without what spellings differ in.

    Example::

        >>> normalized(" Patient_ID")
        'patientid'

    """
    return re.sub(r"[\s_.\-]+", "", name.casefold())


def read_table(content: bytes, name: str) -> Table:
    r"""Read a table.

    The encoding is UTF-8 or UTF-16 with their byte order marks, else Windows-1252; the delimiter is the one of comma,
    semicolon, tab and bar that the header has most of.

    Args:
        content: the file.
        name: what to call it in messages.

    Raises:
        ValueError: it is not text, has no header, a row has more cells than the header, or two columns have one name.

    Example::

        >>> read_table(b"image;Patient ID\na.png; 7 \n", "t.csv").rows
        [{'image': 'a.png', 'Patient ID': '7'}]

    """
    text = _decode(content, name)
    first = next((line for line in text.splitlines() if line.strip()), "")
    if not first:
        raise ValueError(f"{name} is empty: it needs a header and a row for each image.")
    delimiter = max(_DELIMITERS, key=lambda mark: len(next(csv.reader([first], delimiter=mark))))
    # Lines may end as those of Unix, Windows or old Macs.
    reader = csv.reader(io.StringIO(text, newline=None), delimiter=delimiter, strict=True)
    lines, read = [], 0
    try:
        for line in reader:
            lines += [line] if any(line) else []
            read = reader.line_num
    except csv.Error as error:
        reason = next((words for part, words in _FAULTS.items() if part in str(error)), str(error))
        raise ValueError(f"{name} is not a table that can be read: in line {read + 1} {reason}.") from None
    columns = [column.strip() for column in lines[0]]
    for column in columns:
        if columns.count(column) > 1 and column:
            raise ValueError(f"{name} has two columns named {column!r}.")
    rows = []
    for number, cells in enumerate(lines[1:], 2):
        if any(cells[len(columns) :]):
            header = counted(len(columns), "column")
            raise ValueError(f"{name}, row {number} has {counted(len(cells), 'cell')}, but the header has {header}.")
        cells += [""] * (len(columns) - len(cells))
        rows.append({column: cell.strip() for column, cell in zip(columns, cells, strict=False) if column})
    return Table(name, [column for column in columns if column], rows)


def _decode(content: bytes, name: str) -> str:
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    encodings = ["utf-16"] if wide else ["utf-8-sig", "cp1252"]
    if (b"\0" in content and not wide) or identify(content[:HEAD_BYTES]):
        raise ValueError(f"{name} is not a text table.")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ValueError(f"{name} is not a text table.")
