"""Write the table of trained and evaluated models into README.md, between two marks.

A RUN is the output folder of a training, with an evaluation in it. The table states what made it: the data, its
split, the resolution, the seed, the commit and this command. A second table has the differences to the first RUN,
paired by image.

Example:
    python scripts/results.py bundle/runs/std-squeezenet1_0 bundle/runs/dpaat-squeezenet1_0

"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch
from mlflow import MlflowClient

from custom.cli import readable_errors
from custom.report import format_radius, replace_section
from custom.report.comparison import EvaluatedRun, compare_runs, read_run
from custom.report.verdict import percent
from custom.runs import CHECKPOINT_NAME, read_config
from custom.versions import present_commit

ROOT = Path(__file__).resolve().parents[1]
FACTS = ("backbone", "image_size", "seed", "batch_size", "learning_rate")


@readable_errors
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="output folder of a training")
    parser.add_argument("--page", type=Path, default=ROOT / "README.md", help="file with the marks (README.md)")
    parser.add_argument("--evaluation", default="evaluation", help="the evaluations' folder in each RUN (evaluation)")
    parser.add_argument("--section", default="results", help="name in the two marks to write between (results)")
    options = parser.parse_args(arguments)
    words = ["python", "scripts/results.py", *map(str, options.runs)]
    for name in ("evaluation", "section"):
        if getattr(options, name) != parser.get_default(name):
            words += [f"--{name}", getattr(options, name)]
    replace_section(options.page, options.section, results_table(options.runs, options.evaluation, shlex.join(words)))
    print(f"The results of {len(options.runs)} models are in {options.page}.")
    return 0


def results_table(folders: list[Path], evaluation: str, command: str) -> str:
    """One row a model, and below it what all of them share, in Markdown.

    Args:
        folders: output folders of trainings.
        evaluation: name of the folder in each that its evaluation is in.
        command: what made the table.

    Raises:
        FileNotFoundError: when a folder lacks its config or its evaluation.
        ValueError: when the models differ in more than their method, so that a table would compare what it must not.
    """
    runs = [(folder, read_config(folder), read_run(folder / evaluation)) for folder in folders]
    shared = [{**{key: config.get(key) for key in FACTS}, "data": run.summary["data"]} for _, config, run in runs]
    for folder, facts in zip(folders, shared, strict=True):
        differing = [key for key in facts if facts[key] != shared[0][key]]
        if differing:
            raise ValueError(f"{folder} and {folders[0]} differ in {', '.join(differing)}: compare what is alike.")
    attacks = [
        name for name in runs[0][2].summary["attacks"] if all(name in run.summary["attacks"] for *_, run in runs)
    ]
    lines = [
        f"| method | clean | {' | '.join(attacks)} | epochs (head + all) | best | minutes |",
        "| --- |" + " --- |" * (len(attacks) + 4),
    ]
    for folder, config, run in runs:
        cells = [accuracy(run, attack) for attack in (None, *attacks)]
        epochs = f"{config['warm_up_epochs']} + {config['fine_tuning_epochs']}"
        cells += [epochs, str(best_epoch(folder)), f"{minutes(folder):.0f}"]
        lines.append(f"| `{config['method']}` | {' | '.join(cells)} |")
    lines += ["", description(shared[0], runs[0][2], attacks), ""]
    if len(runs) > 1:
        lines += differences_table([(str(config["method"]), run) for _, config, run in runs])
    return "\n".join([*lines, f"Made by `{command}`."])


def differences_table(runs: list[tuple[str, EvaluatedRun]]) -> list[str]:
    """Lines of the table of each run's accuracy minus the first's, paired by image."""
    names = [name for name, _ in runs]
    compared = compare_runs([run.renamed(f"{number} {name}") for number, (name, run) in enumerate(runs)])
    attacks = list(dict.fromkeys(item.attack for item in compared))
    lines = [f"| minus `{names[0]}` | {' | '.join(attacks)} |", "| --- |" + " --- |" * len(attacks)]
    for number, name in enumerate(names[1:], start=1):
        cells = []
        for item in compared:
            if item.run == f"{number} {name}":
                change, low, high = (100 * value for value in item.differences["accuracy"])
                cells.append(f"{change:+.1f} ({low:+.1f} to {high:+.1f})")
        lines.append(f"| `{name}` | {' | '.join(cells)} |")
    return [*lines, "", "Differences in points, with 95 % intervals of a paired bootstrap over lesions.", ""]


def accuracy(run: EvaluatedRun, attack: str | None) -> str:
    """Accuracy in % with its interval, clean or under an attack."""
    part = run.summary["clean"] if attack is None else run.summary["attacks"][attack]
    return percent(part["images"]["accuracy"], unit="")


def best_epoch(folder: Path) -> int:
    """The epoch whose weights are in ``model.pt``."""
    if not (folder / CHECKPOINT_NAME).is_file():
        raise FileNotFoundError(f"There is no {CHECKPOINT_NAME} in {folder}: give the output folder of a training.")
    checkpoint = torch.load(folder / CHECKPOINT_NAME, map_location="cpu", weights_only=True, mmap=True)
    return int(checkpoint["progress"]["best_epoch"])


def minutes(folder: Path) -> float:
    """How long the training took, by its MLflow run."""
    record = json.loads((folder / "mlflow_run.json").read_text())
    info = MlflowClient(record["tracking_uri"]).get_run(record["run_id"]).info
    return float((info.end_time - info.start_time) / 60_000)


def description(facts: dict[str, Any], run: EvaluatedRun, attacks: list[str]) -> str:
    """What the rows have in common, in sentences."""
    data, parameters = facts["data"], {name: run.summary["attacks"][name]["parameters"] for name in attacks}
    radii = ", ".join(
        f"{name}: {format_radius(values['norm'], values['epsilon'])}"
        + (f" in {values['steps']} steps" if values.get("steps", 1) > 1 else "")
        for name, values in parameters.items()
    )
    return (
        f"Accuracy in %, with 95 % intervals of a bootstrap over lesions, on {data['images']} images of "
        f"{data['lesions']} lesions ({data['name']}, split by lesion), {facts['backbone']} at {facts['image_size']}x"
        f"{facts['image_size']}, seed {facts['seed']}, batches of {facts['batch_size']}, learning rate "
        f"{facts['learning_rate']}. Attacks: {radii}. "
        f"Minutes are wall-clock time on two shared cores and say little. Commit {present_commit()}."
    )


if __name__ == "__main__":
    sys.exit(main())
