"""What pages are made of: sections with texts, tables, figures and facts, as HTML in one file."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from matplotlib.figure import Figure

from custom.report.style import figure_png
from custom.report.verdict import Verdict

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Cell:
    """A cell of a table.

    Attributes:
        text: what it says.
        note: further lines in small print, such as an interval; ``"marked"`` emphasizes the last one.
        level: ``"green"``, ``"amber"`` or ``"red"`` for a badge, ``"marked"`` for an emphasized note, else empty.
        link: where the text links to, if anywhere.
    """

    text: str
    note: str = ""
    level: str = ""
    link: str = ""


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        header: the columns' titles.
        rows: the cells of each row; whatever is no `Cell` is shown as its text.
        texts: number of columns, from the left, that hold text; the others hold numbers, set to the right.
        key_rows: numbers of rows to emphasize.
        title: a heading above it, if any.
        summary: if not empty, the table is folded and this is what is left to see.
    """

    header: Sequence[str]
    rows: Sequence[Sequence[object]]
    texts: int = 1
    key_rows: Sequence[int] = ()
    title: str = ""
    summary: str = ""

    @property
    def cells(self) -> list[list[Cell]]:
        """All rows as cells."""
        return [[cell if isinstance(cell, Cell) else Cell(str(cell)) for cell in row] for row in self.rows]


@dataclass(frozen=True)
class Panel:
    """A figure that is one phone wide.

    Attributes:
        name: of its file, without a suffix.
        figure: what to show, or the content of a PNG file.
        caption: what it shows; also the text for those who cannot see it.
        wide: whether it takes a row of its own.
    """

    name: str
    figure: Figure | bytes
    caption: str = ""
    wide: bool = False

    @cached_property
    def png(self) -> bytes:
        """The content of a PNG file."""
        return figure_png(self.figure) if isinstance(self.figure, Figure) else self.figure


@dataclass(frozen=True)
class Section:
    """A part of a page with a heading of its own.

    Attributes:
        key: its anchor.
        title: its heading.
        texts: paragraphs below the heading.
        tables: its tables.
        panels: its figures.
        facts: names and values in two columns; a value is a text or a list of texts.
        code: lines to copy, by heading.
        panels_title: a heading above the figures, if they come after tables.
        folded: whether everything but the heading is folded.
        figures_first: whether figures come before tables.
    """

    key: str
    title: str
    texts: Sequence[str] = ()
    tables: Sequence[Table] = ()
    panels: Sequence[Panel] = ()
    facts: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    code: Mapping[str, str] = field(default_factory=dict)
    panels_title: str = ""
    folded: bool = False
    figures_first: bool = False


def templates_in(folder: Path, **options: Any) -> Environment:
    """Templates in which whatever is missing is an error, and tags leave no blank lines.

    Args:
        folder: where they are.
        **options: further options of Jinja's environment.
    """
    return Environment(
        loader=FileSystemLoader(folder), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, **options
    )


def unbroken(text: str) -> str:
    """Keep a norm and its radius on one line, by a space that does not break."""
    return re.sub(r"(ℓ[2∞]) (?=\d)", "\\1\u00a0", text)


def render_page(
    title: str,
    *,
    subtitle: str = "",
    lead: str = "",
    verdict: Verdict | None = None,
    sections: Sequence[Section] = (),
    files: Sequence[str] = (),
) -> str:
    """Write a page of sections as one self-contained file.

    Args:
        title: its heading.
        subtitle: a line below.
        lead: one sentence that says it all, if any.
        verdict: of an evaluation, to show above everything else, if any.
        sections: its parts, in order; a list of contents links to them.
        files: names of files beside the page to link to.

    Returns:
        HTML with style and figures inside.
    """
    environment = templates_in(TEMPLATES, autoescape=True)
    environment.filters["base64"] = lambda content: base64.b64encode(content).decode()
    environment.filters["unbroken"] = unbroken
    environment.filters["listed"] = lambda value: [value] if isinstance(value, str) else list(value)
    return environment.get_template("page.html").render(
        title=title, subtitle=subtitle, lead=lead, verdict=verdict, sections=sections, files=files
    )
