"""Explain trained models by Grad-CAM, and compare their explanations on the same images.

RUN is the folder of a training, with model.pt and config.json. Images of its test split are explained clean
and under 20-PGD (l2, radius 0.3), where the model gets the clean image right. Written to the output folder:
  sheet.png                  the first image of each class that all models get right: a row a class, a column a model
  measures.md, measures.csv  all measures with intervals, over the images that all models get right
  NAME/                      maps, overlays and measures of each model

Examples:
    python scripts/explain.py bundle/runs/std-squeezenet1_0 bundle/runs/dpaat-squeezenet1_0 --output explanations
    python scripts/explain.py bundle/runs/at --data data/ham10000 --images 20 --output explanations
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from monai.bundle import ConfigParser

from custom.cli import readable_errors
from custom.explain import (
    ExplanationRecord,
    SheetRow,
    compare_explanations,
    explanation_sheet,
    measures_markdown,
    read_map,
    write_measures_csv,
)
from custom.files import write_atomically
from custom.report import figure_png, replace_section
from custom.runs import read_config

CONFIG = Path(__file__).resolve().parents[1] / "bundle/configs/explain.json"


@readable_errors
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="folder of a training")
    parser.add_argument("--output", type=Path, default=Path("explanations"), help="folder to write to")
    parser.add_argument("--names", nargs="+", metavar="NAME", help="what to call the models (the folders' names)")
    parser.add_argument("--data", help="data set folder, where it is not the one of the training")
    parser.add_argument("--images", type=int, help="images of each class, those with masks first (all)")
    parser.add_argument("--method", default="grad_cam", help="grad_cam or grad_cam_pp (grad_cam)")
    parser.add_argument("--layer", help="layer whose feature map is weighed (the last one)")
    parser.add_argument("--explain", default="true", help="the true or the predicted class (true)")
    parser.add_argument("--steps", type=int, default=20, help="of deletion and insertion, 0 for none (20)")
    parser.add_argument("--page", type=Path, help="Markdown file to write the table to, too, between two marks")
    parser.add_argument("--section", default="explanations", help="name in the marks of that page (explanations)")
    options = parser.parse_args(arguments)
    names = options.names or [run.resolve().name for run in options.runs]
    if len(set(names)) != len(options.runs):
        parser.error(f"{len(options.runs)} models need {len(options.runs)} different names: give them with --names.")
    summaries = explain(options, names)
    table = measures_markdown(summaries)
    print(table, end="")
    if options.page:
        words = shlex.join(["python", "scripts/explain.py", *(sys.argv[1:] if arguments is None else arguments)])
        replace_section(options.page, options.section, f"{table}\nMade by `{words}`.")
    print(f"\nThe maps, the sheet and the measures are in {options.output}.")
    return 0


def explain(options: argparse.Namespace, names: list[str]) -> dict[str, dict[str, Any]]:
    """Explain each model, compare them and write what was found; returns the summaries.

    Raises:
        FileNotFoundError: a model, its config or the data are missing.
        ValueError: an option or the data are not as they should be.
    """
    configs = {name: run_config(run, options, name) for name, run in zip(names, options.runs, strict=True)}
    records = {}
    for name, config in configs.items():
        print(f"Explaining {name}.", file=sys.stderr)
        config.get_parsed_content("explaining")
        records[name] = config.get_parsed_content("explain#grad_cam").records
    summaries = compare_explanations(records)
    dataset = configs[names[0]].get_parsed_content("explain#dataset")
    class_names = configs[names[0]].get_parsed_content("class_names")
    sheet = compare_sheet(options.output, records, dataset, class_names)
    write_atomically(options.output / "sheet.png", sheet)
    write_atomically(options.output / "measures.md", measures_markdown(summaries).encode())
    write_measures_csv(options.output / "measures.csv", summaries)
    return summaries


def run_config(run: Path, options: argparse.Namespace, name: str) -> ConfigParser:
    """Read a training's config, with explain.json on top."""
    config = read_config(run, CONFIG)
    config["checkpoint"] = str(run / "model.pt")
    config["explanations_dir"] = str(options.output / name)
    config["explain#images_per_class"] = options.images
    handler = "explain#grad_cam#"
    config[handler + "method"], config[handler + "target_layer"] = options.method, options.layer
    config[handler + "explained_class"] = options.explain
    config[handler + "faithfulness_steps"] = options.steps
    if options.data:
        config["dataset_dir"] = options.data
    return config


def compare_sheet(
    output: Path, records: dict[str, list[ExplanationRecord]], dataset: Any, class_names: list[str]
) -> bytes:
    """Draw the first image of each class that all models explained, one with a mask where there is one.

    Raises:
        ValueError: if the models' maps differ in size.
    """
    by_id = {name: {record.image_id: record for record in found} for name, found in records.items()}
    chosen: dict[int, ExplanationRecord] = {}
    for record in next(iter(records.values())):
        if all(record.image_id in found for found in by_id.values()):
            kept = chosen.get(record.label)
            if kept is None or (record.masked and not kept.masked):
                chosen[record.label] = record
    positions = {item["image_id"]: index for index, item in enumerate(dataset.data)}
    rows, columns = [], [f"{name}\n{kind}" for kind in ("clean", "attacked") for name in records]
    for label, record in sorted(chosen.items()):
        item = dataset[positions[record.image_id]]
        maps, captions = {}, {}
        for name, found in by_id.items():
            for kind, suffix in (("clean", ""), ("attacked", "_attacked")):
                column, own = f"{name}\n{kind}", found[record.image_id]
                maps[column] = read_map(output / name / "maps", own.file_name + suffix)
                if maps[column].shape != tuple(item["image"].shape[1:]):
                    raise ValueError("The models take images of different sizes: explain each by itself.")
                guess = own.predicted_attacked if suffix else own.predicted
                captions[column] = "" if guess is None else f"predicted {class_names[guess]}"
        rows.append(
            SheetRow(
                title=f"{class_names[label]}\n{record.image_id}",
                image=item["image"].numpy(),
                mask=item["mask"][0].numpy() if record.masked else None,
                maps=maps,
                captions=captions,
            )
        )
    return figure_png(explanation_sheet(rows, columns))


if __name__ == "__main__":
    sys.exit(main())
