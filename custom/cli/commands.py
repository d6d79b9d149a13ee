"""The verbs: for each of them its arguments, and the command lines that it stands for."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from custom.cli.run_of_training import Overrides
from custom.cli.steps import ROOT, Step, bundle_step, script_step, shown
from custom.cli.values import check_values
from custom.runs.names import CONFIG_NAME, MODEL_NAME

EXAMPLES = {"volume": ("volumes", "make_volumes.py")}
"""Examples beside the quick start: the folder of each in data, and the script that makes it."""
RUN_FILES = (CONFIG_NAME, MODEL_NAME)


@dataclass(frozen=True)
class Verb:
    """One word of the command line.

    Attributes:
        summary: what it does, in a line.
        add_arguments: declares its own arguments.
        steps: the command lines for its arguments and overrides.
        configs: config files whose keys it takes as overrides; empty if it takes none.
    """

    summary: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    steps: Callable[[argparse.Namespace, list[str]], list[Step]]
    configs: tuple[str, ...] = ()


def run_argument(parser: argparse.ArgumentParser, several: bool = True) -> None:
    """Declare the RUN of a verb."""
    parser.add_argument("runs", nargs="+" if several else 1, type=Path, metavar="RUN", help="folder of a training")


def check_runs(runs: Sequence[Path], files: Sequence[str] = RUN_FILES) -> None:
    """Make sure that runs are finished trainings.

    Raises:
        FileNotFoundError: if one is not, naming what it lacks.
    """
    for run in runs:
        missing = next((name for name in files if not (run / name).is_file()), None)
        if missing:
            raise FileNotFoundError(f"No {missing} found in {run}; pass the folder of a training.")


def configs_over(run: Path, name: str) -> list[Path]:
    """The config files of something that is done with a run: its own, and the bundle's on top."""
    return [run / "config.json", ROOT / "bundle" / "configs" / name]


def _train_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, help="prepared data set, or images to prepare (synthetic images)")
    parser.add_argument("--example", choices=sorted(EXAMPLES), help="train on an example: volume is synthetic CT")
    parser.add_argument("--quick", action="store_true", help="a small network at 64x64, in minutes")
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
    arguments = [
        "--dataset_dir",
        folder,
        *overrides,
        *([] if given.has("output_dir") else ["--output_dir", given.run()]),
    ]
    return [
        *steps,
        bundle_step("training", configs, *arguments, trains=True),
        _evaluation(
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
    names = ["train", *["quickstart"] * quick, *["volume"] * volumes, *["volume_quickstart"] * (quick and volumes)]
    configs = [ROOT / "bundle" / "configs" / f"{name}.json" for name in names]
    if options.data is None:
        name, script = EXAMPLES[example] if example else ("synthetic", "make_synthetic.py")
        folder = ROOT / "data" / name
        made = (folder / "datalist.json").is_file()
        return [] if made else [script_step(script, "--output", shown(folder))], configs, shown(folder)
    if (options.data / "datalist.json").is_file():
        return [], configs, shown(options.data)
    if not options.data.exists():
        raise FileNotFoundError(f"{options.data} does not exist; pass a folder with images.")
    step = script_step("prepare.py", shown(options.data), "--into", shown(ROOT / "data"), prints_folder=True)
    return [step], configs, Step.FOLDER


def _has_volumes(data: Path) -> bool:
    """Whether a prepared data set is one of volumes: it declares their spacing."""
    try:
        content = json.loads((data / "datalist.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and "spacing" in content


def _next_steps(run: str) -> Step:
    lines = [f"python -m custom {verb}" for verb in (f"explain {run}", f"predict {run} IMAGES", f"export {run}")]
    return Step((), says="\n".join(["Next:", *(f"  {line}" for line in lines)]))


def _demo_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, help="prepared data set, or images to prepare (synthetic images)")
    parser.add_argument(
        "--quick", action="store_true", help="small networks at 64x64, in minutes (always without --data)"
    )
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
    steps += [_evaluation(run, [], quick=_quick(options)) for run in runs.values()]
    names = [shown(run) for run in runs.values()]
    comparison, explanations, page = output / "comparison", output / "explanations", output / "index.html"
    return [
        *steps,
        script_step("compare.py", *names, "--output", shown(comparison), results=comparison / "comparison.html"),
        script_step("explain.py", *names, "--output", shown(explanations), results=explanations),
        script_step("report.py", *names, "--index", shown(page), results=page),
    ]


def _evaluate(options: argparse.Namespace, overrides: list[str]) -> list[Step]:
    check_runs(options.runs)
    return [_evaluation(run, overrides) for run in options.runs]


def _evaluation(run: Path, overrides: list[str], quick: bool = False) -> Step:
    configs = configs_over(run, "evaluate.json")
    if quick:
        configs.append(ROOT / "bundle" / "configs" / "quickstart_evaluate.json")
    arguments = ["--checkpoint", shown(run / "model.pt"), *overrides]
    results = _results("output_dir", configs, overrides, run / "evaluation")
    return bundle_step("evaluating", configs, *arguments, results=results)


def _results(key: str, configs: Sequence[Path], overrides: list[str], usual: Path) -> Path:
    """Where the results will be: in the folder that an override names, or the usual one."""
    if not any(word.startswith(f"--{key}") for word in overrides):
        return usual
    given = Overrides.read(configs, overrides)
    return Path(given.value(key)) if given.has(key) else usual


def _explain_arguments(parser: argparse.ArgumentParser) -> None:
    run_argument(parser)
    parser.add_argument("--output", type=Path, help="folder to write to (explanations in RUN, or here for several)")


def _explain(options: argparse.Namespace, overrides: list[str]) -> list[Step]:
    check_runs(options.runs)
    one = len(options.runs) == 1
    output = options.output or (options.runs[0] / "explanations" if one else Path("explanations"))
    if not one:
        return [
            script_step("explain.py", *map(shown, options.runs), "--output", shown(output), *overrides, results=output)
        ]
    run = options.runs[0]
    arguments = ["--checkpoint", shown(run / "model.pt"), "--explanations_dir", shown(output), *overrides]
    configs = configs_over(run, "explain.json")
    results = _results("explanations_dir", configs, overrides, output)
    return [bundle_step("explaining", configs, *arguments, results=results)]


def _predict_arguments(parser: argparse.ArgumentParser) -> None:
    run_argument(parser, several=False)
    parser.add_argument("images", type=Path, metavar="IMAGES", help="folder of images, or one image")
    parser.add_argument("--output", type=Path, default=Path("predictions"), help="folder to write to (predictions)")


def _predict(options: argparse.Namespace, overrides: list[str]) -> list[Step]:
    (run,) = options.runs
    check_runs([run])
    if not options.images.exists():
        raise FileNotFoundError(f"{options.images} does not exist; pass a folder of images, or one image.")
    arguments = ["--checkpoint", shown(run / "model.pt"), "--dataset_dir", shown(options.images)]
    arguments += ["--output_dir", shown(options.output), *overrides]
    configs = [ROOT / "bundle/configs/inference.json"]
    results = _results("output_dir", configs, overrides, options.output)
    return [bundle_step("inferring", configs, *arguments, results=results)]


def _export_arguments(parser: argparse.ArgumentParser) -> None:
    run_argument(parser, several=False)
    parser.add_argument("--format", choices=("bundle", "torchscript", "pt2", "onnx"), default="bundle", help="(bundle)")
    parser.add_argument("--name", help="the bundle's name, of letters, digits and _ (that of the run)")
    parser.add_argument("--output", type=Path, default=Path("exports"), help="folder to write to (exports)")
    parser.add_argument("--without-evaluation", action="store_true", help="export weights that were not evaluated")
    parser.add_argument("--trust", action="store_true", help="run code of the RUN's config that is not this project's")


def _export(options: argparse.Namespace, _: list[str]) -> list[Step]:
    (run,) = options.runs
    check_runs([run])
    arguments = ["--checkpoint", shown(run / "model.pt"), "--output", shown(options.output)]
    arguments += ["--trust"] if options.trust else []
    if options.format != "bundle":
        return [script_step("export_model.py", *arguments, "--formats", options.format, results=options.output)]
    name = options.name or "".join(letter if letter.isalnum() else "_" for letter in run.resolve().name)
    arguments += ["--name", name, *(["--without-evaluation"] if options.without_evaluation else [])]
    return [script_step("export_bundle.py", *arguments, results=options.output / name)]


def _compare_arguments(parser: argparse.ArgumentParser) -> None:
    run_argument(parser)
    parser.add_argument("--output", type=Path, default=Path("comparison"), help="folder to write to (comparison)")


def _compare(options: argparse.Namespace, _: list[str]) -> list[Step]:
    arguments = [*map(shown, options.runs), "--output", shown(options.output)]
    return [script_step("compare.py", *arguments, results=options.output / "comparison.html")]


def _report_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="folder of a training, or of an evaluation")


def _report(options: argparse.Namespace, _: list[str]) -> list[Step]:
    folders = [run / "evaluation" if (run / "evaluation").is_dir() else run for run in options.runs]
    for folder in folders:
        if not (folder / "metrics.json").is_file():
            raise FileNotFoundError(f"No metrics.json found in {folder}; evaluate the run first.")
    return [script_step("report.py", shown(folder), results=folder / "report.html") for folder in folders]


def _check_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("data", type=Path, metavar="DATA", help="prepared data set, or its datalist.json")
    parser.add_argument("--strict", action="store_true", help="end with exit code 1 for warnings, too")
    parser.add_argument("--thumbnails", type=Path, metavar="PNG", help="also draw the first images of each class")


def _check(options: argparse.Namespace, _: list[str]) -> list[Step]:
    arguments = [shown(options.data), *(["--strict"] if options.strict else [])]
    if options.thumbnails:
        arguments += ["--thumbnails", shown(options.thumbnails)]
    return [script_step("check_data.py", *arguments)]


def _plan_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("data", type=Path, metavar="DATA", help="prepared data set, or its datalist.json")
    parser.add_argument("--run", type=Path, metavar="RUN", help="training by std, to choose the radius by")
    parser.add_argument("--share", type=float, help="share of its clean accuracy to which it falls at the radius (0.5)")
    parser.add_argument("--images", type=int, help="validation images that are attacked for it (60)")
    parser.add_argument("--norm", choices=("l2", "linf"), help="norm of the perturbations (l2)")
    parser.add_argument("--image-size", type=int, help="edge of the images in pixels (chosen by the data)")
    parser.add_argument("--method", help="training method (dpaat)")
    parser.add_argument("--backbone", help="network (resnet34)")
    parser.add_argument("--output", type=Path, default=Path("plan.yaml"), help="file to write (plan.yaml)")
    parser.add_argument("--trust", action="store_true", help="run code of the RUN's config that is not this project's")
    parser.add_argument("--overwrite", action="store_true", help="replace a plan that is there already")


def _plan(options: argparse.Namespace, _: list[str]) -> list[Step]:
    arguments = [shown(options.data)]
    for name in ("run", "share", "images", "norm", "image_size", "method", "backbone", "output"):
        value = getattr(options, name)
        if value is not None:
            arguments += [f"--{name.replace('_', '-')}", shown(value) if isinstance(value, Path) else str(value)]
    arguments += [f"--{name}" for name in ("trust", "overwrite") if getattr(options, name)]
    return [script_step("plan.py", *arguments)]


def _prepare_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", type=Path, metavar="SOURCE", help="folder of images, or a table")
    parser.add_argument("--into", type=Path, default=Path("data"), help="folder of prepared data sets (data)")


def _prepare(options: argparse.Namespace, _: list[str]) -> list[Step]:
    return [script_step("prepare.py", shown(options.source), "--into", shown(options.into))]


VERBS = {
    "prepare": Verb("turn images, tables or archives into a data set", _prepare_arguments, _prepare),
    "check": Verb("look for what is wrong with a data set before a training", _check_arguments, _check),
    "plan": Verb("choose the settings of a training by its data, each with its reason", _plan_arguments, _plan),
    "train": Verb(
        "train a robust classifier; without arguments a small one on synthetic images",
        _train_arguments,
        _train,
        ("train.json",),
    ),
    "demo": Verb(
        "train a standard and a robust classifier, evaluate, compare and explain both, and link all on a page",
        _demo_arguments,
        _demo,
        ("train.json",),
    ),
    "evaluate": Verb(
        "measure how robust trained classifiers are", run_argument, _evaluate, ("train.json", "evaluate.json")
    ),
    "explain": Verb(
        "show what classifiers look at, on clean and on attacked images",
        _explain_arguments,
        _explain,
        ("train.json", "explain.json"),
    ),
    "predict": Verb("classify images", _predict_arguments, _predict, ("inference.json",)),
    "report": Verb("write the report of an evaluation again, without running it", _report_arguments, _report),
    "compare": Verb("put evaluations side by side, paired by image", _compare_arguments, _compare),
    "export": Verb("make a bundle to share, or TorchScript, torch.export or ONNX", _export_arguments, _export),
}
