"""The verbs that train: ``train`` and ``demo``."""

from __future__ import annotations

import argparse
from pathlib import Path

from custom.cli.commands.runs import evaluation_of
from custom.cli.commands.verb import Verb
from custom.cli.run_of_training import Overrides
from custom.cli.steps import ROOT, Step, bundle_step, script_step, shown
from custom.cli.values import check_values
from custom.data.examples import IMAGES_PER_CLASS, VOLUMES_PER_CLASS
from custom.files.read_json import read_json

QUICK_START = ("synthetic", "make_synthetic.py", IMAGES_PER_CLASS)
"""Folder in data of the images that are trained on without any, the script that makes them, and how many of a class."""
EXAMPLES = {"volume": ("volumes", "make_volumes.py", VOLUMES_PER_CLASS)}
"""The same for examples beside the quick start."""


RECIPES = ("recommended", "paper")
"""Schedule, averaging and so on: what the study chose on validation images, and what the paper has."""


def _recipe_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--recipe",
        choices=RECIPES,
        help="merge bundle/configs/recipe_RECIPE.json (recommended for the quick start, else paper)",
    )


def _train_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, help="prepared data set, or images to prepare (synthetic images)")
    parser.add_argument("--example", choices=sorted(EXAMPLES), help="train on an example: volume is synthetic CT")
    parser.add_argument("--quick", action="store_true", help="a small network at 64x64, in minutes")
    _recipe_argument(parser)
    parser.add_argument("--evaluate", action="store_true", help="evaluate it, too (always without --data)")
    parser.add_argument(
        "--config",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="settings to train with, such as a plan",
    )


def _train(options: argparse.Namespace, overrides: list[str]) -> list[Step]:
    for file in options.config:
        if not file.is_file():
            raise FileNotFoundError(f"No config file {file} found; `python -m custom plan DATA` writes one.")
    steps, configs, folder = _prepared(options)
    configs += options.config
    if not (options.evaluate or options.data is None):
        return [*steps, bundle_step("training", configs, "--dataset_dir", folder, *overrides, trains=True)]
    given = Overrides.read(configs, overrides)
    if options.example and not (given.has("run_name") or given.has("output_dir")):
        # Its run has a name of its own: other commands name that of the quick start.
        overrides = [*overrides, "--run_name", f"{given.value('method')}-{options.example}"]
        given = Overrides.read(configs, overrides)
    arguments = [
        "--dataset_dir",
        folder,
        *overrides,
        *([] if given.has("output_dir") else ["--output_dir", given.run()]),
    ]
    return [
        *steps,
        bundle_step("training", configs, *arguments, trains=True),
        evaluation_of(
            Path(given.run()), ["--record", "False"] if given.value("record") is False else [], quick=_quick(options)
        ),
        _next_steps(given.run()),
    ]


def _quick(options: argparse.Namespace) -> bool:
    """Whether a small network is trained, and its evaluation a short one."""
    return bool(options.quick or options.data is None)


def _prepared(options: argparse.Namespace) -> tuple[list[Step], list[Path], str]:
    """The steps that prepare the data of a training, its configs, and its data set's folder."""
    example = getattr(options, "example", None)
    if example and options.data is not None:
        raise ValueError("Pass --example, or --data with a data set, not both.")
    quick = _quick(options)
    volumes = example == "volume" or (options.data is not None and _has_volumes(options.data))
    recipe = options.recipe or RECIPES[0 if quick else 1]
    names = ["train", *["quickstart"] * quick, f"recipe_{recipe}"]
    names += [*["volume"] * volumes, *["volume_quickstart"] * (quick and volumes)]
    configs = [ROOT / "bundle" / "configs" / f"{name}.json" for name in names]
    if options.data is None:
        name, script, per_class = EXAMPLES[example] if example else QUICK_START
        folder = ROOT / "data" / name
        made = (folder / "datalist.json").is_file()
        steps = [] if made else [script_step(script, "--output", shown(folder), per_class=per_class)]
        return steps, configs, shown(folder)
    if (options.data / "datalist.json").is_file():
        return [], configs, shown(options.data)
    if not options.data.exists():
        raise FileNotFoundError(f"{options.data} does not exist; pass a folder with images.")
    step = script_step("prepare.py", shown(options.data), "--into", shown(ROOT / "data"), prints_folder=True)
    return [step], configs, Step.FOLDER


def _has_volumes(data: Path) -> bool:
    """Whether a prepared data set is one of volumes: it declares their spacing."""
    try:
        return "spacing" in read_json(data / "datalist.json")
    except (OSError, ValueError):
        return False


def _next_steps(run: str) -> Step:
    lines = [f"python -m custom {verb}" for verb in (f"explain {run}", f"predict {run} IMAGES", f"export {run}")]
    return Step((), says="\n".join(["Next:", *(f"  {line}" for line in lines)]))


def _demo_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, help="prepared data set, or images to prepare (synthetic images)")
    parser.add_argument(
        "--quick", action="store_true", help="small networks at 64x64, in minutes (always without --data)"
    )
    _recipe_argument(parser)
    parser.add_argument("--robust", default="dpaat", metavar="METHOD", help="method of the robust training (dpaat)")
    parser.add_argument("--output", type=Path, default=Path("bundle/demo"), help="folder to write to (bundle/demo)")


def _demo(options: argparse.Namespace, overrides: list[str]) -> list[Step]:
    from custom.runs import in_use

    check_values({"method": options.robust}, given=True)
    if in_use(options.output):
        raise FileExistsError(f"{options.output} is in use; pass another --output.")
    steps, configs, folder = _prepared(options)
    output = options.output
    runs = {"std": output / "standard", options.robust: output / "robust"}
    for method, run in runs.items():
        arguments = ["--dataset_dir", folder, "--method", method, "--output_dir", shown(run), *overrides]
        steps.append(bundle_step("training", configs, *arguments, trains=True))
    steps += [evaluation_of(run, [], quick=_quick(options)) for run in runs.values()]
    names = [shown(run) for run in runs.values()]
    comparison, explanations, page = output / "comparison", output / "explanations", output / "index.html"
    return [
        *steps,
        script_step("compare.py", *names, "--output", shown(comparison), results=comparison / "comparison.html"),
        script_step("explain.py", *names, "--output", shown(explanations), results=explanations),
        script_step("report.py", *names, "--index", shown(page), results=page),
    ]


TRAIN = Verb(
    "train a robust classifier; without arguments a small one on synthetic images",
    _train_arguments,
    _train,
    ("train.json",),
)
DEMO = Verb(
    "train a standard and a robust classifier, evaluate, compare and explain both, and link all on a page",
    _demo_arguments,
    _demo,
    ("train.json",),
)
