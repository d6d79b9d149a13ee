import pytest

from custom.report import replace_section

PAGE = "# Title\n<!-- a:begin -->\nold a\n<!-- a:end -->\ntext\n<!-- b:begin --><!-- b:end -->\nlast\n"


def test_only_the_section_named_changes(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    replace_section(page, "b", "| 1 |\n")
    replace_section(page, "a", "ä\nö")
    replace_section(page, "a", "ß")
    assert page.read_text(encoding="utf-8") == (
        "# Title\n<!-- a:begin -->\nß\n<!-- a:end -->\ntext\n<!-- b:begin -->\n| 1 |\n<!-- b:end -->\nlast\n"
    )


@pytest.mark.parametrize(
    "text", ["nothing", "<!-- a:begin -->", "<!-- a:end --><!-- a:begin -->", PAGE + "<!-- a:begin -->"]
)
def test_a_page_without_whole_marks_stays_as_it_is(tmp_path, text):
    page = tmp_path / "page.md"
    page.write_text(text)
    with pytest.raises(ValueError, match=r"needs the marks <!-- a:begin --> and <!-- a:end -->, each once"):
        replace_section(page, "a", "new")
    assert page.read_text() == text


def test_an_absent_page_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"^No page .*absent.md found to write to\.$"):
        replace_section(tmp_path / "absent.md", "a", "new")
