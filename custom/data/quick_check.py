"""The check of a data set that every training begins with: no image is decoded."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from custom.data.check_data import describe, report_nuisances
from custom.data.check_images import ImageFacts
from custom.data.check_items import check_copies, read_items
from custom.data.data_report import ERROR, DataReport
from custom.data.datalist_properties import class_names
from custom.data.decoded_image import UnreadableImageError
from custom.data.find_files import printable
from custom.data.image_header import read_header, read_series_header


def quick_check(path: Path) -> DataReport:
    """Look for what is wrong with a data set as far as its datalist, its files' headers and their hashes tell.

    Args:
        path: a ``datalist.json``, or the folder that holds it.

    Raises:
        FileNotFoundError: there is no such datalist, or files that it names are missing.
        ValueError: it is not a datalist, or an image is in two splits.

    """
    items, report = read_items(path)
    with ThreadPoolExecutor() as pool:
        outcomes = dict(
            zip((i["image_id"] for i in items), pool.map(_header, (i["image"] for i in items)), strict=True)
        )
    facts = {name: outcome for name, outcome in outcomes.items() if isinstance(outcome, ImageFacts)}
    unreadable = [f"{name} ({why})" for name, why in outcomes.items() if isinstance(why, UnreadableImageError)]
    report.add(ERROR, "images that cannot be read", [printable(name) for name in unreadable])
    readable = [item for item in items if item["image_id"] in facts]
    if readable:
        check_copies(report, readable, {name: fact.sha256 for name, fact in facts.items()})
        report_nuisances(report, readable, facts, class_names(path))
        describe(report, [facts[item["image_id"]] for item in readable])
    return report


def check_before_training(datalist: str) -> None:
    """Print what is wrong with a training's data set, and refuse it if that makes its figures wrong.

    Args:
        datalist: the data set's ``datalist.json``.

    Raises:
        FileNotFoundError: there is no such datalist, or files that it names are missing.
        ValueError: there are errors, which are printed by name before.

    Example::

        >>> from custom.data.quick_check import check_before_training
        >>> check_before_training("data/synthetic/datalist.json")  # doctest: +SKIP

    """
    report = quick_check(Path(datalist))
    if os.environ.get("RANK", "0") == "0":  # of several processes one speaks for all
        for finding in report.findings:
            print(finding, file=sys.stderr)
    if report.has_errors:
        raise ValueError(
            f"{datalist} has the errors listed above, which make a training fail or its figures wrong; fix "
            "the data set, or pass --check_data False to train on it as it is."
        )


def _header(path: str) -> ImageFacts | UnreadableImageError:
    try:
        return read_series_header(Path(path)) if Path(path).is_dir() else read_header(Path(path).read_bytes())
    except UnreadableImageError as error:
        return error
    except OSError as error:
        return UnreadableImageError(error.strerror or str(error))
