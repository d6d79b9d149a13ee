"""The README's results are those of the report that its records make."""

from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_readme_s_table_is_the_report_s_table_in_short():
    report = (ROOT / "docs" / "results" / "two_cores" / "report.md").read_text(encoding="utf-8")
    _, _, rest = report.partition("**In short: ")
    table = rest.split("\n\n")[1]
    assert table.startswith("| Method | Seeds | clean |")
    assert table in (ROOT / "README.md").read_text(encoding="utf-8")
