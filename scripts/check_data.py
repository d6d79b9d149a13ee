"""Check a prepared data set: unreadable, constant and duplicate images, leaks between splits, balance, sizes, values.

The exit code is 0 if all is well or there are only warnings, 1 if something makes a training fail or its figures
wrong (with --strict also for warnings), 2 if there is no data set to check.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from custom.cli import readable_errors
from custom.cli.options import check_options

if TYPE_CHECKING:
    from custom.data.data_report import DataReport


@readable_errors
def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    check_options(parser)
    options = parser.parse_args(arguments)
    from custom.data.check_data import check_data

    try:
        report = check_data(options.data, options.distance)
        if options.thumbnails:
            draw_thumbnails(options.data, next(iter(report.counts)), options.thumbnails)
    except (OSError, ValueError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 2
    print(as_json(report) if options.json else report)
    return int(report.has_errors or (options.strict and bool(report.findings)))


def draw_thumbnails(datalist: Path, split: str, target: Path) -> None:
    """Draw the first images of each class of a split.

    Raises:
        OSError: the file cannot be written.

    """
    from custom.data.datalist import load_datalist
    from custom.data.datalist_properties import class_names, intensity_window
    from custom.data.intensity import IntensityWindow
    from custom.data.thumbnails import thumbnail_grid
    from custom.files import write_atomically

    window = IntensityWindow.from_mapping(intensity_window(datalist))
    drawn = io.BytesIO()
    grid = thumbnail_grid(load_datalist(datalist, split), window, names=class_names(datalist))
    grid.save(drawn, "PNG")
    write_atomically(target, drawn.getvalue())


def as_json(report: DataReport) -> str:
    """Write the report for programs."""
    findings = [vars(finding) for finding in report.findings]
    return json.dumps({"counts": report.counts, "properties": report.properties, "findings": findings}, indent=1)


if __name__ == "__main__":
    sys.exit(main())
