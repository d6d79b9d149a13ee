"""Put evaluations side by side, each compared with the first on the same images.

Writes comparison.csv, comparison.md and comparison.html: every metric with its interval, its difference to
the first evaluation from a paired bootstrap over lesions, and an exact permutation test by lesion.

Example:
    python scripts/compare.py bundle/runs/std bundle/runs/dpaat --output bundle/runs/comparison
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from custom.files import write_together
from custom.report import comparison_csv, comparison_html, comparison_markdown
from custom.report.comparison import compare_runs, read_run


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", metavar="RUN", help="folder of an evaluation, or one with it inside")
    parser.add_argument("--output", type=Path, default=Path("comparison"), help="folder to write to")
    parser.add_argument("--names", nargs="+", metavar="NAME", help="what to call the evaluations")
    parser.add_argument("--resamples", type=int, default=1000, help="bootstrap draws (1000)")
    parser.add_argument("--seed", type=int, default=0, help="of the draws (0)")
    options = parser.parse_args(arguments)
    if options.names and len(options.names) != len(options.runs):
        parser.error(f"{len(options.runs)} evaluations need {len(options.runs)} names.")
    try:
        runs = [read_run(folder) for folder in options.runs]
        if options.names:
            runs = [run.renamed(name) for run, name in zip(runs, options.names, strict=True)]
        comparisons = compare_runs(runs, options.resamples, options.seed)
        renders = {
            "comparison.csv": comparison_csv,
            "comparison.md": comparison_markdown,
            "comparison.html": comparison_html,
        }
        write_together({options.output / name: render(comparisons).encode() for name, render in renders.items()})
    except (ValueError, OSError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 1
    print(f"Compared {len(runs)} evaluations in {options.output}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
