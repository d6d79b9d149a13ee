import pytest

from custom.markdown import escape_markdown, markdown_table


def test_a_table_line_by_line():
    table = markdown_table(["class", "images"], [["MEL", 3], ["NV", 12]], align="lr")
    assert table.splitlines() == ["| class | images |", "| --- | ---: |", "| MEL | 3 |", "| NV | 12 |"]


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("a|b", r"a\|b"),
        (r"a\|b", r"a\|b"),
        (r"a\\|b", r"a\\\|b"),
        ("a\nb", "a b"),
        ("**+0.1**", "**+0.1**"),
        (escape_markdown("Läsion, <5 mm | a&b"), r"Läsion, \<5 mm \| a&b"),
        (escape_markdown("[x](y) `z`"), r"\[x\](y) \`z\`"),
    ],
)
def test_no_cell_breaks_the_table(cell, shown):
    lines = markdown_table(["a", "b"], [[cell, "end"]]).splitlines()
    assert lines[2] == f"| {shown} | end |"


def test_rows_and_alignment_fit_the_header():
    with pytest.raises(ValueError, match="A row of 1 cell does not fit 2 columns"):
        markdown_table(["a", "b"], [["x"]])
    with pytest.raises(ValueError, match="2 columns need 2 letters"):
        markdown_table(["a", "b"], [], align="r")
