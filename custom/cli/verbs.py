"""``python -m custom VERB ...``: what people do with this project, one word each.

A verb only puts together the command lines that the documentation has, and runs them; ``--dry-run`` prints them.
Whatever a verb does not know (``--epsilon 0.1``) overrides a key of the bundle's configs.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from custom.cli.arguments import FLAG
from custom.cli.bundle import missing_environment, packages_found
from custom.cli.errors import readable_errors
from custom.cli.reference import keys, names
from custom.cli.steps import ROOT, Step, bundle_step, run_steps, script_step, shown
from custom.cli.values import VALUES, Switch

SCRIPTS = ROOT / "scripts"
RUN_FILES = ("config.json", "model.pt")


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


@readable_errors
def main(arguments: Sequence[str] | None = None) -> int:
    """Run a verb and return its exit code.

    Args:
        arguments: what follows ``python -m custom``; by default this process's own.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or words[0] in ("-h", "--help", "help"):
        print(overview())
        return 0
    if words[0] not in VERBS:
        raise ValueError(f"{words[0]!r} is none of {', '.join(VERBS)}; --help says what they do.")
    verb = VERBS[words[0]]
    parser = parser_of(words[0], verb)
    own, overrides = split_overrides(words[1:], parser)
    if overrides and not verb.configs:
        parser.error(f"unrecognized arguments: {' '.join(overrides)}")
    options = parser.parse_args(own)
    steps = verb.steps(options, overrides)
    if options.dry_run:
        return run_steps(steps, dry_run=True)
    if not packages_found():
        raise OSError(missing_environment())
    return run_steps(steps)


def parser_of(name: str, verb: Verb) -> argparse.ArgumentParser:
    """The parser of a verb's own arguments."""
    parser = argparse.ArgumentParser(
        prog=f"python -m custom {name}",
        description=verb.summary,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=keys(verb.configs) if verb.configs else None,
        allow_abbrev=False,
    )
    verb.add_arguments(parser)
    parser.add_argument("--dry-run", action="store_true", help="print what would run, and about how long, and stop")
    return parser


def overview() -> str:
    """The help of the whole program."""
    width = max(map(len, VERBS))
    lines = [
        "usage: python -m custom VERB ... [--KEY VALUE ...] [--dry-run]",
        "",
        "A RUN is the folder of a training, such as bundle/runs/dpaat-squeezenet1_1.",
        "",
        *(f"  {name:{width}}  {verb.summary}" for name, verb in VERBS.items()),
        "",
        names(),
        "",
        "python -m custom VERB --help lists the options of a verb and the keys that it can override.",
    ]
    return "\n".join(lines)


def split_overrides(words: Sequence[str], parser: argparse.ArgumentParser) -> tuple[list[str], list[str]]:
    """Tell a verb's own arguments from overrides of the configs.

    Args:
        words: the arguments.
        parser: knows the verb's own options.

    Returns:
        The verb's own arguments, and the overrides.

    Example::

        >>> import argparse
        >>> from custom.cli.verbs import split_overrides
        >>> split_overrides(["--epsilon", "0.1", "runs/at", "--resume"], argparse.ArgumentParser())
        (['runs/at'], ['--epsilon', '0.1', '--resume'])

    """
    own: list[str] = []
    overrides: list[str] = []
    remaining = list(words)
    while remaining:
        word = remaining.pop(0)
        flag = FLAG.fullmatch(word)
        if flag is None or word.partition("=")[0] in parser._option_string_actions:
            own.append(word)
            continue
        overrides.append(word)
        key = flag[1].replace("-", "_")
        takes_value = flag[2] is None and bool(remaining) and not remaining[0].startswith("--")
        if takes_value and (not isinstance(VALUES.get(key), Switch) or remaining[0] in ("True", "False")):
            overrides.append(remaining.pop(0))
    return own, overrides


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
    parser.add_argument("--quick", action="store_true", help="a small network at 64x64, in minutes")


def _train(options: argparse.Namespace, overrides: list[str]) -> list[Step]:
    quick = options.quick or options.data is None
    configs = [ROOT / "bundle/configs/train.json", *([ROOT / "bundle/configs/quickstart.json"] if quick else [])]
    steps = []
    folder = ROOT / "data" / "synthetic"
    if options.data is None:
        if not (folder / "datalist.json").is_file():
            steps.append(script_step("make_synthetic.py", "--output", shown(folder)))
    else:
        folder = options.data
        if not (folder / "datalist.json").is_file():
            if not folder.exists():
                raise FileNotFoundError(f"{folder} does not exist; pass a folder with images.")
            prepare = script_step("prepare.py", shown(folder), "--into", shown(ROOT / "data"), prints_folder=True)
            return [prepare, bundle_step("training", configs, "--dataset_dir", Step.FOLDER, *overrides, trains=True)]
    return [*steps, bundle_step("training", configs, "--dataset_dir", shown(folder), *overrides, trains=True)]


def _evaluate(options: argparse.Namespace, overrides: list[str]) -> list[Step]:
    check_runs(options.runs)
    return [
        bundle_step(
            "evaluating",
            configs_over(run, "evaluate.json"),
            "--checkpoint",
            shown(run / "model.pt"),
            *overrides,
            results=run / "evaluation",
        )
        for run in options.runs
    ]


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
    return [bundle_step("explaining", configs_over(run, "explain.json"), *arguments, results=output)]


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
    return [bundle_step("inferring", [ROOT / "bundle/configs/inference.json"], *arguments, results=options.output)]


def _export_arguments(parser: argparse.ArgumentParser) -> None:
    run_argument(parser, several=False)
    parser.add_argument("--format", choices=("bundle", "torchscript", "pt2", "onnx"), default="bundle", help="(bundle)")
    parser.add_argument("--name", help="the bundle's name, of letters, digits and _ (that of the run)")
    parser.add_argument("--output", type=Path, default=Path("exports"), help="folder to write to (exports)")
    parser.add_argument("--without-evaluation", action="store_true", help="export weights that were not evaluated")


def _export(options: argparse.Namespace, _: list[str]) -> list[Step]:
    (run,) = options.runs
    check_runs([run])
    arguments = ["--checkpoint", shown(run / "model.pt"), "--output", shown(options.output)]
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
    return [Step(("-m", "custom.report", shown(folder)), folder / "report.html") for folder in folders]


def _check_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("data", type=Path, metavar="DATA", help="prepared data set, or its datalist.json")
    parser.add_argument("--strict", action="store_true", help="end with exit code 1 for warnings, too")


def _check(options: argparse.Namespace, _: list[str]) -> list[Step]:
    return [script_step("check_data.py", shown(options.data), *(["--strict"] if options.strict else []))]


def _prepare_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", type=Path, metavar="SOURCE", help="folder of images, or a table")
    parser.add_argument("--into", type=Path, default=Path("data"), help="folder of prepared data sets (data)")


def _prepare(options: argparse.Namespace, _: list[str]) -> list[Step]:
    return [script_step("prepare.py", shown(options.source), "--into", shown(options.into))]


VERBS = {
    "prepare": Verb("turn images, tables or archives into a data set", _prepare_arguments, _prepare),
    "check": Verb("look for what is wrong with a data set before a training", _check_arguments, _check),
    "train": Verb(
        "train a robust classifier; without arguments a small one on synthetic images",
        _train_arguments,
        _train,
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
