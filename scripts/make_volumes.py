"""Make a data set of small volumes: synthetic lesions with masks, or blocks of the MR image that nibabel ships."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from custom.cli import readable_errors
from custom.data.examples import VOLUMES_PER_CLASS


@readable_errors
def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, required=True, help="the new data set folder")
    parser.add_argument("--kind", choices=("lesions", "mr"), default="lesions", help="what to make (default: lesions)")
    parser.add_argument(
        "--per-class", type=int, default=VOLUMES_PER_CLASS, help="volumes per class (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0, help="seed that decides everything (default: 0)")
    parser.add_argument("--overwrite", action="store_true", help="replace a data set that the output already holds")
    options = parser.parse_args(arguments)
    from custom.data.dataset_folder import new_dataset_folder
    from custom.data.volume_sets import make_lesions, make_mr_blocks

    make = {"lesions": make_lesions, "mr": make_mr_blocks}[options.kind]
    with new_dataset_folder(options.output, options.overwrite) as folder:
        splits = make(folder, options.per_class, options.seed)
    counts = ", ".join(f"{len(items)} {name}" for name, items in splits.items())
    print(f"{counts} volumes are in {options.output}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
