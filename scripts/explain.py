"""Explain trained models by Grad-CAM, and compare their explanations on the same images.

RUN is the folder of a training; the models may differ in network and image size. Images of the test split are
explained clean and under 20 steps of PGD (l2, radius 0.3), if the model classifies the clean image correctly.
Written to the output folder, all of it or nothing:
  grid.png                   the first image of each class that all models classify correctly: a row a class, and for
                             each model the clean and the attacked map
  measures.md, measures.csv  all measures with intervals, each over the same images for all models
  explanations.html          the grid and the table on one page
  models/NAME/               maps, overlays and measures of each model
  comparison.json            the figures of measures.md

Examples:
    python scripts/explain.py bundle/runs/std-squeezenet1_0 bundle/runs/dpaat-squeezenet1_0 --output explanations
    python scripts/explain.py bundle/runs/at --data data/ham10000 --images 20 --output explanations
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from custom.cli import readable_errors
from custom.cli.options import trust_option
from custom.counts import counted

if TYPE_CHECKING:
    from custom.runs import Run

CONFIG = Path(__file__).resolve().parents[1] / "bundle/configs/explain.json"
ENTRIES = frozenset({"comparison.json", "explanations.html", "measures.csv", "measures.md", "grid.png", "models"})


@readable_errors
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="folder of a training")
    parser.add_argument("--output", type=Path, default=Path("explanations"), help="folder to write to (explanations)")
    parser.add_argument("--names", nargs="+", metavar="NAME", help="names of the models (those of their folders)")
    parser.add_argument("--data", help="data set folder (that of each training)")
    parser.add_argument("--images", type=int, help="images of each class, those with masks first (all)")
    parser.add_argument("--method", default="grad_cam", help="grad_cam or grad_cam_pp (grad_cam)")
    parser.add_argument("--layer", help="layer whose feature map is weighted (the last one)")
    parser.add_argument("--explain", default="true", help="the true or the predicted class (true)")
    parser.add_argument("--steps", type=int, default=20, help="steps of deletion and insertion, 0 for none (20)")
    parser.add_argument("--page", type=Path, help="Markdown file that gets the table, too, between two marks")
    parser.add_argument("--section", default="explanations", help="name in the marks of that page (explanations)")
    trust_option(parser)
    options = parser.parse_args(arguments)
    names = options.names or [run.resolve().name for run in options.runs]
    if len(set(names)) != len(options.runs):
        parser.error(f"Pass --names with a different name for each of {counted(len(options.runs), 'model')}.")
    explain(options, names)
    table = (options.output / "measures.md").read_text(encoding="utf-8")
    print(table, end="")
    if options.page:
        from custom.report import replace_section

        words = shlex.join(["python", "scripts/explain.py", *(sys.argv[1:] if arguments is None else arguments)])
        replace_section(options.page, options.section, f"{table}\nMade by `{words}`.")
    print(f"\nThe maps, the grid and the measures are in {options.output}.")
    return 0


def explain(options: argparse.Namespace, names: Sequence[str]) -> None:
    """Explain each model, compare them and write the results.

    Raises:
        FileNotFoundError: a model, its config or the data are missing.
        ValueError: an option or the data are wrong, or the models cannot be compared.
    """
    from custom.explain.results import compare_explanations, write_measures_csv
    from custom.explain.results.folder import without_nan
    from custom.files import ResultFolder
    from custom.files.names import safe_file_name
    from custom.report.explanations import render_comparison
    from custom.runs import Run

    runs = {
        name: Run.read(path, options.data, [CONFIG], options.trust)
        for name, path in zip(names, options.runs, strict=True)
    }
    check_comparable(runs)
    folders: dict[str, str] = {}
    for name in names:
        # Names that differ only in characters that a file system does not take get a number.
        folder = safe_file_name(name)
        folders[name] = folder if folder.lower() not in map(str.lower, folders.values()) else f"{folder}-{len(folders)}"
    with ResultFolder(options.output, ENTRIES, "explanations") as output:
        records = {}
        for name, run in runs.items():
            print(f"Explaining {name}.", file=sys.stderr)
            records[name] = explain_run(run, output / "models" / folders[name], options)
        summaries = compare_explanations(records)
        content = {"folders": folders, "summaries": summaries}
        (output / "comparison.json").write_text(json.dumps(without_nan(content), indent=1) + "\n", encoding="utf-8")
        write_measures_csv(output / "measures.csv", summaries)
        render_comparison(output)


def check_comparable(runs: Mapping[str, Run]) -> None:
    """Make sure that all models tell the same classes apart.

    Raises:
        ValueError: if they do not.
    """
    first, *others = runs
    for other in others:
        if runs[other].class_names != runs[first].class_names:
            raise ValueError(
                f"{first} has the classes {', '.join(runs[first].class_names)} and {other} has "
                f"{', '.join(runs[other].class_names)}: only models of the same classes can be compared."
            )


def explain_run(run: Run, output: Path, options: argparse.Namespace) -> list[Any]:
    """Explain one model by its own config with explain.json on top; returns its records."""
    config, handler = run.parser, "explain#grad_cam#"
    config["checkpoint"] = str(run.checkpoint)
    config["explanations_dir"] = str(output)
    config["explain#images_per_class"] = options.images
    config[handler + "method"], config[handler + "target_layer"] = options.method, options.layer
    config[handler + "explained_class"] = options.explain
    config[handler + "faithfulness_steps"] = options.steps
    if options.data:
        config["dataset_dir"] = options.data
    config.get_parsed_content("explaining")
    records: list[Any] = config.get_parsed_content("explain#grad_cam").records
    return records


if __name__ == "__main__":
    sys.exit(main())
