"""Put evaluations of several models side by side, each compared with the first on the same images.

A RUN is the folder of a training that was evaluated, or of an evaluation. Writes comparison.html with a sentence,
charts and tables, and the same figures as comparison.md and comparison.csv: every metric with its interval, its
difference to the first model from a paired bootstrap over lesions, and a permutation test by lesion.

Example:
    python scripts/compare.py bundle/runs/std-small_resnet bundle/runs/dpaat-small_resnet --output comparison
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from custom.cli import readable_errors
from custom.counts import counted


@readable_errors
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", metavar="RUN", help="folder of an evaluated training, or of an evaluation")
    parser.add_argument("--output", type=Path, default=Path("comparison"), help="folder to write to (comparison)")
    parser.add_argument("--names", nargs="+", metavar="NAME", help="what to call the models (their folders' names)")
    parser.add_argument("--resamples", type=int, default=1000, help="bootstrap draws (1000)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the draws (0)")
    options = parser.parse_args(arguments)
    if options.names and len(options.names) != len(options.runs):
        parser.error(f"--names takes a name for each of {counted(len(options.runs), 'evaluation')}.")
    from custom.report.comparison import compare_runs, comparison_sentence, read_runs, write_comparison

    comparison = compare_runs(read_runs(options.runs, options.names), options.resamples, options.seed)
    page = write_comparison(comparison, options.output)
    print(comparison_sentence(comparison))
    print(f"Compared {counted(len(options.runs), 'evaluation')}: {page}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
