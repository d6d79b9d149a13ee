"""Text that spreadsheets take for text."""

from __future__ import annotations

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_cell(text: str) -> str:
    """Write a name so that no spreadsheet takes it for a formula: ``=1+1`` becomes ``'=1+1``.

    Example::

        >>> csv_cell("=1+1"), csv_cell("a=b")
        ("'=1+1", 'a=b')

    """
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
