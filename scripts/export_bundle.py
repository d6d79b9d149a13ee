"""Make a self-contained bundle of a trained network: a folder, and the same as a zip archive.

The folder has all that it takes to train on, evaluate, explain and infer: configs with the network's own settings,
code, weights, a README with what was measured, licenses and metadata, as the MONAI Model Zoo wants them.

Example:
    python scripts/export_bundle.py bundle/runs/dpaat-small_resnet --name skin_lesion_robust_classification \
        --output bundles

"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from custom.cli import readable_errors
from custom.cli.options import trust_option


@readable_errors
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, nargs="?", metavar="RUN", help="folder of a training")
    parser.add_argument("--checkpoint", type=Path, help="weights in such a folder other than its model.pt")
    parser.add_argument("--name", required=True, help="the bundle's name, of letters, digits and _")
    parser.add_argument("--output", type=Path, required=True, help="the folder in which the bundle is made")
    parser.add_argument("--data", type=Path, help="the data set of the training, if it has moved")
    parser.add_argument("--title", help="the name that people read")
    parser.add_argument("--authors", help="who made the bundle")
    parser.add_argument("--version", default="0.1.0", help="version of the bundle (0.1.0)")
    parser.add_argument("--changes", default="first version", help="what is new in this version (first version)")
    parser.add_argument("--previous", type=Path, help="the bundle's last version, whose changelog is continued")
    parser.add_argument("--url", help="where files over 25 MB will be, for large_files.yml")
    parser.add_argument("--without-evaluation", action="store_true", help="export weights that were not evaluated")
    trust_option(parser)
    options = parser.parse_args(arguments)
    if (options.run is None) == (options.checkpoint is None):
        raise ValueError("Pass the folder of a training, or --checkpoint with weights in it.")
    from custom.export import export_bundle
    from custom.runs import Run

    made = export_bundle(
        Run.read(options.run or options.checkpoint, options.data, trust=options.trust),
        options.name,
        options.output,
        version=options.version,
        changes=options.changes,
        previous=options.previous,
        title=options.title,
        authors=options.authors,
        url=options.url,
        without_evaluation=options.without_evaluation,
    )
    print(f"The bundle is {made.folder}, packed as {made.archive}; {made.folder / 'docs' / 'README.md'} says the rest.")
    if made.large_files:
        print(f"Larger than 25 MB, and listed in large_files.yml: {', '.join(made.large_files)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
