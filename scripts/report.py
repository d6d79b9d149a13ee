"""Write the reports of finished evaluations again, without running anything.

Example:
    python scripts/report.py bundle/runs/std-small_resnet bundle/runs/dpaat-small_resnet --index index.html
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from custom.cli import readable_errors


@readable_errors
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", metavar="FOLDER", help="folder of an evaluation, or of an evaluated run")
    parser.add_argument("--index", metavar="PAGE", help="HTML file to write as well, which links all reports")
    options = parser.parse_args(arguments)
    from custom.report.index import write_index
    from custom.report.render import write_report

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
