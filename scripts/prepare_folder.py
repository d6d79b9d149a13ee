"""Prepare your own images: DIR/<class>/* or a CSV file with the columns image, label and perhaps patient.

Images (JPEG, PNG, TIFF, BMP) and volumes (NIfTI) stay where they are; the output is a datalist that points
to them.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from custom.data.datalist import write_datalist
from custom.data.dataset_folder import new_dataset_folder
from custom.data.decode import check_images
from custom.data.folder import find_table, is_volume, read_class_folders, read_table
from custom.data.place import place_samples
from custom.data.sample import Sample
from custom.data.sources import Sources
from custom.data.split_ratio import split_by_ratio


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--images",
        type=Path,
        required=True,
        help="folder of class folders or with a CSV file in it, or a CSV file",
    )
    parser.add_argument("--output", type=Path, required=True, help="the data set folder to be made")
    parser.add_argument("--validation", type=float, default=0.1, help="share of the validation images (default: 0.1)")
    parser.add_argument("--test", type=float, default=0.2, help="share of the test images (default: 0.2)")
    parser.add_argument("--seed", type=int, default=0, help="of the split (default: 0)")
    parser.add_argument("--overwrite", action="store_true", help="replace a data set that is in the output already")
    options = parser.parse_args(arguments)
    try:
        prepare(options)
    except (OSError, ValueError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 1
    return 0


def prepare(options: argparse.Namespace) -> None:
    """Make the data set and print what was done.

    Raises:
        OSError, ValueError: with one sentence that says what is wrong and what would be right.

    """
    with new_dataset_folder(options.output, options.overwrite) as folder:
        table = find_table(options.images)
        classes, samples = read_table(table) if table else read_class_folders(options.images)
        with Sources([]) as sources:
            check(sources, samples)
            labels, groups = [s.label for s in samples], [s.lesion_id for s in samples]
            training = 1 - options.validation - options.test
            ratios = {"training": training, "validation": options.validation, "test": options.test}
            chosen = split_by_ratio(labels, groups, ratios, options.seed)
            items = place_samples(sources, {s: [samples[i] for i in chosen[s]] for s in chosen}, folder)
        write_datalist(folder, options.images.stem, dict.fromkeys(classes, ""), items, seed=options.seed)
    for name, written in items.items():
        counts = Counter(item["label"] for item in written)
        counted = ", ".join(f"{label} {counts[index]}" for index, label in enumerate(classes))
        print(f"{name:>10}: {counted}, of {len({item['lesion_id'] for item in written})} groups")
    print(f"Split by group with seed {options.seed}. The data set is in {options.output}.")


def check(sources: Sources, samples: list[Sample]) -> None:
    """Decode every image; volumes are taken as they are.

    Raises:
        ValueError: some images cannot be decoded, or there are images and volumes.

    """
    images = [s for s in samples if not is_volume(s.image)]
    if 0 < len(images) < len(samples):
        raise ValueError(f"{samples[0].image.path.parent} holds images and volumes: a data set takes either, not both.")
    results = zip(images, check_images(sources, [s.image for s in images]), strict=True)
    bad = [f"{sample.image_id} ({result})" for sample, result in results if isinstance(result, OSError)]
    if bad:
        raise ValueError(f"{len(bad)} images cannot be decoded, take them out: {', '.join(bad)}.")


if __name__ == "__main__":
    sys.exit(main())
