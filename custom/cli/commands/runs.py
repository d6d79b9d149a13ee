"""The verbs that take trained classifiers: from ``evaluate`` to ``export``."""

from __future__ import annotations

import argparse
from pathlib import Path

from custom.cli.commands.verb import Verb, check_runs, configs_over, results_of, run_argument
from custom.cli.options import trust_option
from custom.cli.steps import ROOT, Step, bundle_step, script_step, shown


def _evaluate(options: argparse.Namespace, overrides: list[str]) -> list[Step]:
    check_runs(options.runs)
    return [evaluation_of(run, overrides) for run in options.runs]


def evaluation_of(run: Path, overrides: list[str], quick: bool = False) -> Step:
    """The evaluation of a run.

    Args:
        run: its folder.
        overrides: overrides of the configs.
        quick: whether to measure less.
    """
    configs = configs_over(run, "evaluate.json")
    if quick:
        configs.append(ROOT / "bundle" / "configs" / "quickstart_evaluate.json")
    arguments = ["--checkpoint", shown(run / "model.pt"), *overrides]
    results = results_of("output_dir", configs, overrides, run / "evaluation")
    return bundle_step("evaluating", configs, *arguments, results=results)


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
    results = results_of("explanations_dir", configs, overrides, output)
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
    results = results_of("output_dir", configs, overrides, options.output)
    return [bundle_step("inferring", configs, *arguments, results=results)]


def _report_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="folder of a training, or of an evaluation")


def _report(options: argparse.Namespace, _: list[str]) -> list[Step]:
    folders = [run / "evaluation" if (run / "evaluation").is_dir() else run for run in options.runs]
    for folder in folders:
        if not (folder / "metrics.json").is_file():
            raise FileNotFoundError(f"No metrics.json found in {folder}; evaluate the run first.")
    return [script_step("report.py", shown(folder), results=folder / "report.html") for folder in folders]


def _compare_arguments(parser: argparse.ArgumentParser) -> None:
    run_argument(parser)
    parser.add_argument("--output", type=Path, default=Path("comparison"), help="folder to write to (comparison)")


def _compare(options: argparse.Namespace, _: list[str]) -> list[Step]:
    arguments = [*map(shown, options.runs), "--output", shown(options.output)]
    return [script_step("compare.py", *arguments, results=options.output / "comparison.html")]


def _export_arguments(parser: argparse.ArgumentParser) -> None:
    run_argument(parser, several=False)
    parser.add_argument(
        "--format", choices=("bundle", "torchscript", "pt2", "onnx"), default="bundle", help="format (bundle)"
    )
    parser.add_argument("--name", help="the bundle's name, of letters, digits and _ (that of the run)")
    parser.add_argument("--output", type=Path, default=Path("exports"), help="folder to write to (exports)")
    parser.add_argument("--without-evaluation", action="store_true", help="export weights that were not evaluated")
    trust_option(parser)


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


EVALUATE = Verb("measure how robust trained classifiers are", run_argument, _evaluate, ("train.json", "evaluate.json"))
EXPLAIN = Verb(
    "show what classifiers look at, on clean and on attacked images",
    _explain_arguments,
    _explain,
    ("train.json", "explain.json"),
)
PREDICT = Verb("classify images", _predict_arguments, _predict, ("inference.json",))
REPORT = Verb("write the report of an evaluation again, without running it", _report_arguments, _report)
COMPARE = Verb("put evaluations side by side, paired by image", _compare_arguments, _compare)
EXPORT = Verb("make a bundle to share, or TorchScript, torch.export or ONNX", _export_arguments, _export)
