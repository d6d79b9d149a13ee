"""Names as the cells of a CSV file, as text for spreadsheets."""

from __future__ import annotations

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def valid_text(text: str) -> str:
    """Return a name as text that UTF-8 can hold: other bytes in the name of a file become escapes."""
    return str(text).encode("utf-8", "backslashreplace").decode()


def csv_cell(text: str) -> str:
    """Write a name so that no spreadsheet takes it for a formula: ``=1+1`` becomes ``'=1+1``; see :func:`from_cell`.

    Example::

        >>> csv_cell("=1+1"), csv_cell("a=b")
        ("'=1+1", 'a=b')

    """
    text = valid_text(text)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def from_cell(cell: str) -> str:
    """Return the name that :func:`csv_cell` wrote.

    Example::

        >>> from_cell("'=1+1")
        '=1+1'

    """
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA_STARTS) else cell
