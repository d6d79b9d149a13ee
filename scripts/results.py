"""Write the table of trained and evaluated models into README.md, between its two result marks.

A RUN is the output folder of a training, with an evaluation in it. The table states what made it: the data, its
split, the resolution, the seed, the commit and this command.

Example:
    python scripts/results.py bundle/runs/std-squeezenet1_0 bundle/runs/dpaat-squeezenet1_0

"""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mlflow import MlflowClient

from custom.handlers.atomic import write_atomically
from custom.report.comparison import EvaluatedRun, read_run

ROOT = Path(__file__).resolve().parents[1]
BEGIN, END = "<!-- results:begin -->", "<!-- results:end -->"
FACTS = ("backbone", "image_size", "seed", "batch_size", "learning_rate")


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="output folder of a training")
    parser.add_argument("--readme", type=Path, default=ROOT / "README.md", help="file with the two result marks")
    options = parser.parse_args(arguments)
    try:
        text = options.readme.read_text(encoding="utf-8")
        if BEGIN not in text or END not in text:
            raise ValueError(f"{options.readme} lacks the marks {BEGIN} and {END} to write between.")
        before, rest = text.split(BEGIN, 1)
        table = results_table(options.runs, shlex.join(["python", "scripts/results.py", *map(str, options.runs)]))
        write_atomically(options.readme, f"{before}{BEGIN}\n{table}{END}{rest.split(END, 1)[1]}".encode())
    except (OSError, ValueError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 1
    print(f"The results of {len(options.runs)} models are in {options.readme}.")
    return 0


def results_table(folders: list[Path], command: str) -> str:
    """One row a model, and below it what all of them share, in Markdown.

    Args:
        folders: output folders of trainings, each with an evaluation inside.
        command: what made the table.

    Raises:
        FileNotFoundError: when a folder lacks its config or its evaluation.
        ValueError: when the models differ in more than their method, so that a table would compare what it must not.
    """
    runs = [(folder, training_config(folder), read_run(folder)) for folder in folders]
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
    return "\n".join([*lines, "", description(shared[0], runs[0][2], attacks), "", f"Made by `{command}`.", ""])


def training_config(folder: Path) -> dict[str, Any]:
    """The resolved config that a training left."""
    if not (folder / "config.json").is_file():
        raise FileNotFoundError(f"There is no config.json in {folder}: give the output folder of a training.")
    config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    return config


def accuracy(run: EvaluatedRun, attack: str | None) -> str:
    """Accuracy in % with its interval, clean or under an attack."""
    part = run.summary["clean"] if attack is None else run.summary["attacks"][attack]
    value = part["images"]["accuracy"]
    return f"{100 * value['value']:.1f} ({100 * value['low']:.1f} to {100 * value['high']:.1f})"


def best_epoch(folder: Path) -> int:
    """The epoch whose weights are in ``model.pt``: the first with the highest mean validation accuracy."""
    header, *rows = [line.split(",") for line in (folder / "history.csv").read_text().splitlines()]
    column = header.index("val_accuracy_mean")
    return int(max(rows, key=lambda row: float(row[column]))[header.index("epoch")])


def minutes(folder: Path) -> float:
    """How long the training took, by its MLflow run."""
    record = json.loads((folder / "mlflow_run.json").read_text())
    info = MlflowClient(record["tracking_uri"]).get_run(record["run_id"]).info
    return float((info.end_time - info.start_time) / 60_000)


def description(facts: dict[str, Any], run: EvaluatedRun, attacks: list[str]) -> str:
    """What the rows have in common, in sentences."""
    data, parameters = facts["data"], {name: run.summary["attacks"][name]["parameters"] for name in attacks}
    radii = ", ".join(
        f"{name}: {values['norm']} {values['epsilon']:.4g} in {values.get('steps', '?')} steps"
        for name, values in parameters.items()
    )
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
    return (
        f"Accuracy in %, with 95 % intervals of a bootstrap over lesions, on {data['images']} images of "
        f"{data['lesions']} lesions ({data['name']}, split by lesion), {facts['backbone']} at {facts['image_size']}x"
        f"{facts['image_size']}, seed {facts['seed']}, batches of {facts['batch_size']}, learning rate "
        f"{facts['learning_rate']}. Attacks: {radii}. "
        f"Minutes are wall-clock time on two shared cores and say little. Commit {commit or 'unknown'}."
    )


if __name__ == "__main__":
    sys.exit(main())
