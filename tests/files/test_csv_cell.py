import pytest

from custom.files.csv_cell import csv_cell, from_cell


@pytest.mark.parametrize(("text", "cell"), [("=1+1", "'=1+1"), ("@x", "'@x"), ("-1", "'-1"), ("a-1", "a-1"), ("", "")])
def test_formulas_become_text_and_come_back(text, cell):
    assert csv_cell(text) == cell
    assert from_cell(cell) == text


def test_bytes_that_are_no_text_are_escapes():
    assert csv_cell("a\udcffb") == "a\\udcffb"


def test_a_quote_that_was_there_stays():
    assert from_cell("'quoted'") == "'quoted'"
