"""The verbs that take data sets: ``prepare``, ``check`` and ``plan``."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from custom.cli.commands.verb import Verb
from custom.cli.options import as_words, check_options, plan_options
from custom.cli.steps import Step, script_step, shown


def _prepare_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", type=Path, metavar="SOURCE", help="folder of images, or a table")
    parser.add_argument("--into", type=Path, default=Path("data"), help="folder of prepared data sets (data)")


def _prepare(options: argparse.Namespace, _: list[str]) -> list[Step]:
    return [script_step("prepare.py", shown(options.source), "--into", shown(options.into))]


def _forwarded(script: str, declare: Callable[[argparse.ArgumentParser], None]) -> Callable[..., list[Step]]:
    """The step that runs a script with all the options that the verb was given."""

    def steps(options: argparse.Namespace, _: list[str]) -> list[Step]:
        parser = argparse.ArgumentParser()
        declare(parser)
        return [script_step(script, *as_words(parser, options))]

    return steps


PREPARE = Verb("turn images, tables or archives into a data set", _prepare_arguments, _prepare)
CHECK = Verb(
    "look for what is wrong with a data set before a training",
    check_options,
    _forwarded("check_data.py", check_options),
)
PLAN = Verb(
    "choose the settings of a training from its data, each with its reason",
    plan_options,
    _forwarded("plan.py", plan_options),
)
