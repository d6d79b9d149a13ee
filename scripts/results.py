"""Print the table of trained and evaluated models, or write it into a page, between two marks.

A RUN is the folder of a training, with an evaluation in it. The table states what made it: the data, its split, the
resolution, the seed, the commit and this command. A second table has the differences to the first RUN, paired by image.

Examples:
    python scripts/results.py bundle/runs/std-squeezenet1_0 bundle/runs/dpaat-squeezenet1_0
    python scripts/results.py bundle/runs/std-squeezenet1_0 bundle/runs/dpaat-squeezenet1_0 --page README.md

"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from custom.cli import readable_errors
from custom.counts import counted

if TYPE_CHECKING:
    from custom.report.comparison import Case, Comparison, EvaluatedRun

FACTS = ("backbone", "image_size", "seed", "batch_size", "learning_rate")
"""What the models of one table have in common."""


@readable_errors
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="folder of a training")
    parser.add_argument("--page", type=Path, help="file with the marks to write to (print the table instead)")
    parser.add_argument("--evaluation", default="evaluation", help="the evaluations' folder in each RUN (evaluation)")
    parser.add_argument("--section", default="results", help="name in the two marks to write between (results)")
    options = parser.parse_args(arguments)
    words = ["python", "scripts/results.py", *map(str, options.runs)]
    for name in ("page", "evaluation", "section"):
        if getattr(options, name) != parser.get_default(name):
            words += [f"--{name}", str(getattr(options, name))]
    table = results_table(options.runs, options.evaluation, shlex.join(words))
    if options.page is None:
        print(table)
        return 0
    from custom.report import replace_section

    replace_section(options.page, options.section, table)
    print(f"The results of {counted(len(options.runs), 'model')} are in {options.page}.")
    return 0


def results_table(folders: Sequence[Path], evaluation: str, command: str) -> str:
    """One row per model, and below it what all of them share, in Markdown.

    Args:
        folders: of trainings.
        evaluation: name of the folder in each that its evaluation is in.
        command: what made the table.

    Raises:
        FileNotFoundError: if a folder lacks its config or its evaluation.
        ValueError: if the models differ in more than their method, so that a table would compare what it must not.
    """
    from custom.markdown import markdown_table
    from custom.report.comparison import compare_runs, read_runs
    from custom.report.verdict import percent
    from custom.runs import read_config

    configs = [read_config(folder) for folder in folders]
    runs = read_runs([folder / evaluation for folder in folders], list(map(str, folders)))
    shared = [
        {**{key: config.get(key) for key in FACTS}, "data": run.metrics["data"]}
        for config, run in zip(configs, runs, strict=True)
    ]
    for folder, facts in zip(folders, shared, strict=True):
        differing = [key for key in facts if facts[key] != shared[0][key]]
        if differing:
            raise ValueError(f"{folder} and {folders[0]} differ in {', '.join(differing)}; compare what is alike.")
    compared = compare_runs(runs) if len(runs) > 1 else None
    columns = shared_columns(runs)
    rows = []
    for folder, config, run in zip(folders, configs, runs, strict=True):
        epochs = f"{config['warm_up_epochs']} + {config['fine_tuning_epochs']}"
        cells = [percent(accuracies(run)[column], unit="") for column in columns]
        rows.append([f"`{config['method']}`", *cells, epochs, best_epoch(folder), f"{minutes(folder):.0f}"])
    header = ["method", *map(title, columns), "epochs (head + all)", "best", "minutes"]
    parts = [markdown_table(header, rows), description(shared[0], runs[0], columns)]
    if compared:
        parts += differences_table(compared, [str(config["method"]) for config in configs], columns)
    return "\n\n".join([*parts, f"Made by `{command}`."])


def accuracies(run: EvaluatedRun) -> dict[Case, Mapping[str, float]]:
    """Accuracy with its interval: clean, in the worst case within each ball, and under each attack."""
    from custom.report.comparison import Case

    found = {Case("clean"): run.metrics["clean"]["images"]["accuracy"]}
    for ball in run.metrics["robust_accuracy"]:
        found[Case("worst case", ball["norm"], ball["epsilon"])] = ball
    for record in run.metrics["attacks"].values():
        case = Case(record["attack"], record["norm"], record["epsilon"])
        found[case] = record["images"]["accuracy"]
    return found


def shared_columns(runs: Sequence[EvaluatedRun]) -> list[Case]:
    """What all evaluations have."""
    return [case for case in accuracies(runs[0]) if all(case in accuracies(run) for run in runs)]


def title(case: Case) -> str:
    """A column's title; attacks have their radii below the table."""
    from custom.report import format_radius

    return f"worst case, {format_radius(case.norm, case.epsilon)}" if case.attack == "worst case" else case.attack


def differences_table(compared: Comparison, methods: Sequence[str], columns: Sequence[Case]) -> list[str]:
    """The table of each model's accuracy minus the first's, paired by image, and a line about it."""
    from custom.markdown import markdown_table
    from custom.report.groups import unit_plural

    rows = []
    for run, method in list(zip(compared.runs, methods, strict=True))[1:]:
        cells = []
        for column in columns:
            change, low, high = (100 * value for value in compared.cells[column][run.name].differences["accuracy"])
            cells.append(f"{change:+.1f} ({low:+.1f} to {high:+.1f})")
        rows.append([f"`{method}`", *cells])
    table = markdown_table([f"minus `{methods[0]}`", *map(title, columns)], rows)
    drawn = unit_plural(compared.runs[0].metrics)
    return [table, f"Differences in points, with 95 % intervals of a paired bootstrap over {drawn}."]


def best_epoch(folder: Path) -> int:
    """The epoch whose weights are in ``model.pt``."""
    import torch

    from custom.runs import CHECKPOINT_NAME

    if not (folder / CHECKPOINT_NAME).is_file():
        raise FileNotFoundError(f"No {CHECKPOINT_NAME} found in {folder}; pass the folder of a training.")
    checkpoint = torch.load(folder / CHECKPOINT_NAME, map_location="cpu", weights_only=True, mmap=True)
    return int(checkpoint["progress"]["best_epoch"])


def minutes(folder: Path) -> float:
    """How long the training took, by its MLflow run."""
    from mlflow import MlflowClient

    from custom.files.read_json import read_json
    from custom.runs.names import MLFLOW_NAME

    record = read_json(folder / MLFLOW_NAME)
    info = MlflowClient(record["tracking_uri"]).get_run(record["run_id"]).info
    return float((info.end_time - info.start_time) / 60_000)


def description(facts: Mapping[str, Any], run: EvaluatedRun, columns: Sequence[Case]) -> str:
    """What the rows have in common, in sentences."""
    from custom.report import format_radius
    from custom.report.groups import images_and_groups, unit_plural
    from custom.versions import present_commit

    data, attacks = facts["data"], run.metrics["attacks"]
    radii = ", ".join(
        f"{case.attack}: {format_radius(case.norm, case.epsilon)}"
        + (f" in {steps} steps" if (steps := attacks[case.attack]["steps"] or 1) > 1 else "")
        for case in columns
        if case.attack in attacks
    )
    return (
        f"Accuracy in %, with 95 % intervals of a bootstrap over {unit_plural(run.metrics)}, on "
        f"{images_and_groups(run.metrics)} ({data['name']}), {facts['backbone']} at {facts['image_size']}x"
        f"{facts['image_size']}, seed {facts['seed']}, batches of {facts['batch_size']}, learning rate "
        f"{facts['learning_rate']}. Attacks: {radii or 'none'}. Worst case: correct when clean and under every attack "
        f"within the radius. Minutes are wall-clock time and say little. Commit {present_commit()}."
    )


if __name__ == "__main__":
    sys.exit(main())
