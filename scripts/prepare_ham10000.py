"""Prepare HAM10000, as it is downloaded, for training: a datalist with training, validation and test images.

Images are given as folders or as the zip archives of Harvard Dataverse (doi 10.7910/DVN/DBW86T) or Kaggle.
From archives the chosen images are unpacked into the output; images in folders stay where they are.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from custom.data.datalist import write_datalist
from custom.data.dataset_folder import new_dataset_folder
from custom.data.ham10000 import CLASSES, Collection, collect, find_metadata, read_metadata
from custom.data.place import place_samples
from custom.data.sources import Sources
from custom.data.split import largest_split, scale_counts, split_by_group

PAPER_CLASSES = ["mel", "bkl", "nv"]


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = build_parser()
    options = parser.parse_args(arguments)
    classes = list(CLASSES) if options.classes == ["all"] else [name.lower() for name in options.classes]
    unknown = [name for name in classes if name not in CLASSES]
    if unknown or len(set(classes)) < max(2, len(classes)):
        parser.error(f"--classes takes 'all' or at least two different ones of {', '.join(CLASSES)}.")
    if not 0 < options.validation < options.train or options.test < 1:
        parser.error("--validation is taken out of --train, so it must be smaller, and every count at least 1.")
    try:
        prepare(options, classes)
    except (OSError, ValueError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 1
    return 0


def build_parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    paths: dict[str, Any] = {"nargs": "+", "type": Path, "metavar": "PATH"}
    parser.add_argument("--images", required=True, help="folders (searched recursively) or zip archives", **paths)
    parser.add_argument(
        "--masks", default=[], help="the same for the lesion masks, <image_id>_segmentation.png", **paths
    )
    parser.add_argument("--metadata", type=Path, help="HAM10000_metadata (default: the one found among the images)")
    parser.add_argument("--output", type=Path, required=True, help="the data set folder to be made")
    parser.add_argument("--classes", nargs="+", default=PAPER_CLASSES, help="default: mel bkl nv; 'all' for all seven")
    parser.add_argument("--train", type=int, default=800, help="training images a class (default: 800)")
    parser.add_argument("--validation", type=int, default=80, help="how many of these become validation (default: 80)")
    parser.add_argument("--test", type=int, default=299, help="test images a class (default: 299)")
    parser.add_argument(
        "--split-by", choices=("lesion", "image"), default="lesion", help="default: lesion; the paper: image"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the split (default: 0)")
    parser.add_argument("--fit", action="store_true", help="too few images: take the largest balanced split")
    parser.add_argument("--skip-bad", action="store_true", help="leave bad images and rows out instead of stopping")
    parser.add_argument("--overwrite", action="store_true", help="replace a data set that is in the output already")
    return parser


def prepare(options: argparse.Namespace, classes: list[str]) -> None:
    """Make the data set and print what was done.

    Raises:
        OSError, ValueError: with one sentence that says what is wrong and what would be right.

    """
    # The folder is opened first, so that an output that cannot be written is known before decoding.
    with (
        new_dataset_folder(options.output, options.overwrite) as folder,
        Sources(options.images + options.masks) as sources,
    ):
        if any(file.path.is_relative_to(options.output.resolve()) for file in sources.files):
            raise ValueError(f"{options.output} holds images to be read: give another folder as the output.")
        if options.metadata is None:
            metadata = find_metadata(sources)
            rows = read_metadata(sources.read(metadata), str(metadata))
        else:
            rows = read_metadata(options.metadata.read_bytes(), str(options.metadata))
        found = collect(sources, rows, classes)
        report_problems(found, options.skip_bad)
        counts = {
            "training": options.train - options.validation,
            "validation": options.validation,
            "test": options.test,
        }
        chosen = split(found, classes, counts, options)
        items = place_samples(sources, {s: [found.samples[i] for i in chosen[s]] for s in chosen}, folder)
        facts = {
            "licence": "CC BY-NC 4.0",
            "reference": "doi 10.7910/DVN/DBW86T",
            "split_by": options.split_by,
        }
        table = {name.upper(): CLASSES[name] for name in classes}
        write_datalist(folder, "HAM10000", table, items, **facts, seed=options.seed)
    print(
        f"{len(found.samples)} usable images, {found.masks} with a lesion mask; "
        f"{found.without_image} rows without an image."
    )
    for name, samples in items.items():
        per_class = Counter(item["label"] for item in samples)
        lesions = len({item["lesion_id"] for item in samples})
        masks = sum("mask" in item for item in samples)
        print(
            f"{name:>10}: {per_class[0]} images a class, {len(samples)} in all, "
            f"of {lesions} lesions, {masks} with a mask"
        )
    print(f"Split by {options.split_by} with seed {options.seed}. The data set is in {options.output}.")


def report_problems(found: Collection, skip: bool) -> None:
    """Print every problem with its names; stop unless they are to be skipped.

    Raises:
        ValueError: there are problems and ``skip`` is false.

    """
    for kind, names in found.problems.items():
        print(f"{'left out: ' if skip else ''}{len(names)} {kind}: {', '.join(names)}", file=sys.stderr)
    if found.problems and not skip:
        raise ValueError(
            "The data have the problems listed above, and nothing was written: --skip-bad leaves them out."
        )


def split(
    found: Collection, classes: list[str], counts: dict[str, int], options: argparse.Namespace
) -> dict[str, list[int]]:
    """Draw the split as asked.

    Raises:
        ValueError: the images do not suffice, with the numbers there are and what would fit.

    """
    labels = [sample.label for sample in found.samples]
    groups = [s.lesion_id if options.split_by == "lesion" else s.image_id for s in found.samples]
    available = Counter(labels)
    absent = [name.upper() for label, name in enumerate(classes) if not available[label]]
    if absent:
        raise ValueError(f"There is no usable image of {', '.join(absent)}: leave it out of --classes.")
    if options.fit:
        return largest_split(labels, groups, counts, options.seed)[1]
    smallest = min(available[label] for label in range(len(classes)))
    if smallest < sum(counts.values()):
        have = ", ".join(f"{name.upper()} {available[label]}" for label, name in enumerate(classes))
        fits = scale_counts(counts, smallest)
        raise ValueError(
            f"{sum(counts.values())} images a class are asked for and there are {have}: "
            f"--train {fits['training'] + fits['validation']} --validation {fits['validation']} "
            f"--test {fits['test']} would fit, and --fit takes the largest balanced split."
        )
    return split_by_group(labels, groups, counts, options.seed)


if __name__ == "__main__":
    sys.exit(main())
