"""Generated parts of a page that people write."""

from __future__ import annotations

from pathlib import Path

from custom.files import write_atomically


def replace_section(page: Path, name: str, content: str) -> None:
    r"""Replace what stands between the marks ``<!-- NAME:begin -->`` and ``<!-- NAME:end -->`` of a page.

    Args:
        page: a Markdown or HTML file.
        name: of the section, as in its marks.
        content: what is to stand there; the rest of the page stays as it is.

    Raises:
        FileNotFoundError: if there is no such page.
        ValueError: when the page does not have each of the two marks once, in this order.
        OSError: when the page cannot be written.

    Example::

        >>> import tempfile
        >>> from custom.report import replace_section
        >>> page = Path(tempfile.mkdtemp()) / "page.md"
        >>> _ = page.write_text("<!-- table:begin -->old<!-- table:end -->")
        >>> replace_section(page, "table", "new")
        >>> page.read_text()
        '<!-- table:begin -->\nnew\n<!-- table:end -->'

    """
    if not page.is_file():
        raise FileNotFoundError(f"No page {page} found to write to.")
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    text = page.read_text(encoding="utf-8")
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
        raise ValueError(f"{page} needs the marks {begin} and {end}, each once, to write between.")
    before, rest = text.split(begin)
    after = rest.split(end)[1]
    write_atomically(page, f"{before}{begin}\n{content.strip()}\n{end}{after}".encode())
