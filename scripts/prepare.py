"""Turn images and labels of any known form into a data set to train on, and say what they were taken for.

It takes folders named after the classes, also inside train, val and test; a CSV or TSV of images and labels, also with
a column for each class (ISIC 2018 and 2019) or NIH's "Finding Labels"; HAM10000 as it is downloaded; BreakHis;
MedMNIST's .npz; a MONAI datalist; DICOM files; volumes as NIfTI files or folders of DICOM series. Images stay where
they are; what is in archives is unpacked.

Examples:
    python scripts/prepare.py DIR --output data/mine
    python scripts/prepare.py labels.csv --group-column "Patient ID" --output data/mine
    python scripts/prepare.py HAM10000 --classes all --output data/ham10000
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from custom.cli import readable_errors

if TYPE_CHECKING:
    from custom.data.prepare import PrepareOptions

HAM10000_COUNTS = {"train": 800, "validation": 80, "test": 299}
"""Images of each class in the paper's protocol."""


@readable_errors
def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    options = build_parser().parse_args(arguments)
    if options.into is not None:
        print(prepare_into(options))
        return 0
    from custom.data.prepare import prepare

    prepare(build_options(options, options.output))
    return 0


def build_parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(
        usage="%(prog)s PATH [PATH ...] (--output DIR | --into DIR) [options, see --help]",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="folders, tables, zip archives")
    place = parser.add_mutually_exclusive_group(required=True)
    place.add_argument("--output", type=Path, help="the new data set folder")
    place.add_argument(
        "--into", type=Path, help="folder of prepared data sets: make one in it unless it is there, and print its path"
    )
    files = parser.add_argument_group("what the files are")
    files.add_argument("--table", "--metadata", type=Path, help="the table of labels (default: the one that is found)")
    files.add_argument("--image-column", metavar="NAME", help="column of the images (default: recognized)")
    files.add_argument("--label-column", metavar="NAME", help="column of the labels (default: recognized)")
    files.add_argument("--group-column", metavar="NAME", help="column that no split may cross (default: patient, ...)")
    files.add_argument("--split-column", metavar="NAME", help="column of the splits (default: split, subset)")
    files.add_argument("--group-pattern", metavar="REGEX", help="reads the group from each image's path")
    files.add_argument("--masks", default=[], nargs="+", type=Path, metavar="PATH", help="where lesion masks are")
    files.add_argument("--classes", nargs="+", metavar="NAME", help="classes, in this order (default: all, sorted)")
    files.add_argument("--class-names", nargs="+", metavar="NAME", help="names of MedMNIST's numbered classes")
    files.add_argument("--breakhis", choices=("binary", "types"), default="binary", help="two classes, or eight")
    files.add_argument(
        "--magnification", type=int, choices=(40, 100, 200, 400), help="magnification of BreakHis (default: all)"
    )
    files.add_argument("--label-attribute", metavar="KEYWORD", help="DICOM attribute that holds the label")
    files.add_argument("--window", nargs=2, type=float, metavar=("LOW", "HIGH"), help="values that become 0 and 1")
    files.add_argument("--slices", action="store_true", help="take each slice of a DICOM series for an image")
    splits = parser.add_argument_group("the splits")
    splits.add_argument("--train", type=int, help="images per class, balanced (default: shares; HAM10000: 800)")
    splits.add_argument(
        "--validation", type=float, help="share, or with --train how many of those (default: 0.1; HAM10000: 80)"
    )
    splits.add_argument("--test", type=float, help="share, or images per class (default: 0.2; HAM10000: 299)")
    splits.add_argument(
        "--split-by", choices=("group", "lesion", "image"), default="group", help="default: group; the paper: image"
    )
    splits.add_argument("--fit", action="store_true", help="too few images: take the largest balanced split")
    splits.add_argument("--only-test", action="store_true", help="all images are test images, of an external test set")
    splits.add_argument("--seed", type=int, default=0, help="seed of the split (default: 0)")
    parser.add_argument("--skip-bad", action="store_true", help="leave bad images and rows out instead of stopping")
    parser.add_argument("--overwrite", action="store_true", help="replace a data set that the output already holds")
    return parser


def build_options(options: argparse.Namespace, output: Path, overwrite: bool = False) -> PrepareOptions:
    """Turn the command line into what is to be done.

    Raises:
        ValueError: the counts and shares do not fit together.

    """
    from custom.data.assign_splits import SplitOptions
    from custom.data.forms import FormOptions
    from custom.data.prepare import PrepareOptions

    counts = {name: getattr(options, name) for name in HAM10000_COUNTS}
    fit = options.fit
    if all(value is None for value in counts.values()) and is_ham10000(options):
        counts, fit = dict(HAM10000_COUNTS), True
    split = SplitOptions(
        train=counts["train"],
        validation=0.1 if counts["validation"] is None else counts["validation"],
        test=0.2 if counts["test"] is None else counts["test"],
        by="image" if options.split_by == "image" else "group",
        fit=fit,
        only_test=options.only_test,
        seed=options.seed,
    )
    form = FormOptions(
        **{
            name: getattr(options, name)
            for name in (
                *("table", "image_column", "label_column", "group_column", "split_column", "group_pattern"),
                *("classes", "class_names", "breakhis", "magnification", "label_attribute"),
            )
        },
        empty_classes=options.only_test,
    )
    return PrepareOptions(
        options.paths,
        output,
        form,
        split,
        options.masks,
        tuple(options.window) if options.window else None,
        options.slices,
        options.skip_bad,
        overwrite or options.overwrite,
    )


def is_ham10000(options: argparse.Namespace) -> bool:
    """Tell whether HAM10000's metadata are among the files."""
    if options.table is not None:
        return str(options.table.name).startswith("HAM10000_metadata")
    from custom.data.sources import Sources

    with Sources(options.paths) as sources:
        return any(file.name.startswith("HAM10000_metadata") for file in sources.files)


def prepare_into(options: argparse.Namespace) -> Path:
    """Prepare a source in a folder of prepared data sets, unless that was done with the same files.

    Args:
        options: the command line, with one path.

    Returns:
        The data set's folder: the source itself if it is a prepared data set.

    Raises:
        OSError, ValueError: as `prepare` does.

    """
    if len(options.paths) > 1:
        raise ValueError("--into takes one folder, table or archive; pass --output for several.")
    if not options.paths[0].exists():
        raise FileNotFoundError(f"{options.paths[0]} does not exist; pass a folder with images.")
    from custom.data.prepare import prepare
    from custom.files import locked, write_atomically

    source = options.paths[0].resolve()
    if (source / "datalist.json").is_file():
        return source
    options.into.mkdir(parents=True, exist_ok=True)
    # Of two trainings that are started at once, the second waits for the data set that the first one prepares.
    with locked(options.into / f".{name_of(source)}.lock"):
        target, note = choose_target(source, options.into)
        if read_note(note) != describe(source, target):
            print(f"Preparing {source} in {target}.", file=sys.stderr)
            # What was done goes to stderr; stdout is for the one line that the caller wants.
            with contextlib.redirect_stdout(sys.stderr):
                prepare(build_options(options, target, overwrite=target.exists()))
            write_atomically(note, json.dumps(describe(source, target)).encode())
    return target


def name_of(source: Path) -> str:
    """The name that a data set takes from its source."""
    return source.name if source.is_dir() else source.stem


def choose_target(source: Path, into: Path) -> tuple[Path, Path]:
    """Choose the folder for what is prepared from a source, and the file that notes from what.

    Args:
        source: the folder with the images.
        into: the folder of all prepared data sets.

    Returns:
        The first of ``name``, ``name-2``, ... that is free or was prepared from this source, and its note.
    """
    name = name_of(source)
    for number in itertools.count(1):
        target = into / (name if number == 1 else f"{name}-{number}")
        note = into / f".{target.name}.source.json"
        if not target.exists():
            note.unlink(missing_ok=True)
            break
        if (read_note(note) or {}).get("source") == str(source):
            break
    return target, note


def read_note(note: Path) -> dict[str, str] | None:
    """Read from what a data set was prepared; ``None`` if that is not known."""
    from custom.files.read_json import read_json

    try:
        return read_json(note)
    except (OSError, ValueError):
        return None


def describe(source: Path, target: Path) -> dict[str, str]:
    """Describe a source so that whatever was added, removed, moved or changed shows."""
    from custom.data.datalist import load_datalist
    from custom.data.fingerprint import fingerprint

    images: list[Path] = []
    if not source.is_dir() and (target / "datalist.json").is_file():
        for split in ("training", "validation", "test"):
            with contextlib.suppress(OSError, ValueError):
                images += [Path(item["image"]) for item in load_datalist(target, split)]
    return {"source": str(source), "fingerprint": fingerprint(source, images)}


if __name__ == "__main__":
    sys.exit(main())
