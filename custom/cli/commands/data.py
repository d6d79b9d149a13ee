"""The verbs that take data sets: ``prepare``, ``check`` and ``plan``."""

from __future__ import annotations

import argparse
from pathlib import Path

from custom.cli.commands.verb import Verb
from custom.cli.steps import Step, script_step, shown


def _prepare_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", type=Path, metavar="SOURCE", help="folder of images, or a table")
    parser.add_argument("--into", type=Path, default=Path("data"), help="folder of prepared data sets (data)")


def _prepare(options: argparse.Namespace, _: list[str]) -> list[Step]:
    return [script_step("prepare.py", shown(options.source), "--into", shown(options.into))]


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


PREPARE = Verb("turn images, tables or archives into a data set", _prepare_arguments, _prepare)
CHECK = Verb("look for what is wrong with a data set before a training", _check_arguments, _check)
PLAN = Verb("choose the settings of a training by its data, each with its reason", _plan_arguments, _plan)
