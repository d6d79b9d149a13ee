"""Tables in Markdown, whatever their cells say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from custom.counts import counted

# What GitHub's Markdown takes for markup inside a cell. An asterisk or underscore within a word stays as it is: file
# names would be hard to read with backslashes.
_SPECIAL = re.compile(r"([\\`|<>\[\]])")


def escape_markdown(text: str) -> str:
    r"""Make Markdown show a text as it is, also in a cell of a table.

    Args:
        text: any text; line breaks become blanks.

    Example::

        >>> from custom.markdown import escape_markdown
        >>> print(escape_markdown("BCC | <SCC>"))
        BCC \| \<SCC\>

    """
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[object]], align: str = "") -> str:
    r"""Write a table in GitHub's Markdown.

    Cells may hold markup such as ``**bold**`` or a code span; names that come from data go through
    :func:`escape_markdown` first. A ``|`` is escaped in any case, and line breaks become blanks, so that no cell
    breaks the table.

    Args:
        header: the columns' titles.
        rows: the cells of each row, as many as there are titles.
        align: ``"l"`` (left) or ``"r"`` (right) for each column; left if empty.

    Returns:
        The table's lines, without a line break at the end.

    Raises:
        ValueError: if a row has more or fewer cells than the header, or ``align`` has.

    Example::

        >>> from custom.markdown import markdown_table
        >>> print(markdown_table(["class", "recall"], [["a|b", 0.5]], align="lr"))
        | class | recall |
        | --- | ---: |
        | a\|b | 0.5 |

    """
    align = align or "l" * len(header)
    if len(align) != len(header):
        raise ValueError(f"{len(header)} columns need {len(header)} letters of alignment, not {align!r}.")
    lines = [_line(header), _line(["---:" if letter == "r" else "---" for letter in align])]
    for row in rows:
        if len(row) != len(header):
            raise ValueError(
                f"A row of {counted(len(row), 'cell')} does not fit {counted(len(header), 'column')}: {list(row)}."
            )
        lines.append(_line(row))
    return "\n".join(lines)


def _line(cells: Sequence[object]) -> str:
    # A bar that is escaped already, by an odd number of backslashes, stays as it is.
    texts = (re.sub(r"(?<!\\)((?:\\\\)*)\|", r"\1\\|", " ".join(str(cell).split())) for cell in cells)
    return f"| {' | '.join(texts)} |"
