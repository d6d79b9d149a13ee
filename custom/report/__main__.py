"""Render the reports of finished evaluations again, without running anything: ``python -m custom.report FOLDER``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from custom.cli import readable_errors
from custom.report.index import write_index
from custom.report.render import write_report


@readable_errors
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m custom.report", description=(__doc__ or "").split(":")[0] + ".")
    parser.add_argument("folders", nargs="+", metavar="FOLDER", help="of an evaluation, or of a run with one")
    parser.add_argument("--index", metavar="PAGE", help="HTML file to write as well, which links all reports")
    options = parser.parse_args(arguments)
    for folder in options.folders:
        print(f"Report: {write_report(folder)}")
    if options.index:
        beside = Path(options.index).parent
        pages = {"Comparison": beside / "comparison" / "comparison.html"}
        pages["Explanations"] = beside / "explanations" / "explanations.html"
        print(f"Index: {write_index(options.index, options.folders, links=pages)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
