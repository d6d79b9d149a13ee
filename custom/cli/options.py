"""Options that a script and a verb of ``python -m custom`` share, and the words that stand for them."""

from __future__ import annotations

import argparse
from pathlib import Path

from custom.cli.steps import shown


def check_options(parser: argparse.ArgumentParser) -> None:
    """Declare what ``scripts/check_data.py`` takes."""
    parser.add_argument("data", type=Path, metavar="DATA", help="prepared data set, or its datalist.json")
    parser.add_argument("--strict", action="store_true", help="end with exit code 1 for warnings, too")
    parser.add_argument(
        "--distance",
        type=int,
        default=16,
        choices=range(65),
        metavar="BITS",
        help="near duplicates differ in at most this many of the 256 bits of their hashes (%(default)s)",
    )
    parser.add_argument("--thumbnails", type=Path, metavar="PNG", help="also draw the first images of each class")
    parser.add_argument("--json", action="store_true", help="print everything as JSON, with all names")


def plan_options(parser: argparse.ArgumentParser) -> None:
    """Declare what ``scripts/plan.py`` takes."""
    parser.add_argument("data", type=Path, metavar="DATA", help="prepared data set, or its datalist.json")
    parser.add_argument("--run", type=Path, metavar="RUN", help="folder of a training by std, to choose the radius by")
    parser.add_argument(
        "--share",
        type=float,
        default=0.5,
        help="share of its clean accuracy to which it falls at the radius (%(default)s)",
    )
    parser.add_argument(
        "--images", type=int, default=60, help="validation images that are attacked for it (%(default)s)"
    )
    parser.add_argument("--norm", choices=("l2", "linf"), default="l2", help="norm of the perturbations (%(default)s)")
    parser.add_argument("--image-size", type=int, help="edge of the images in pixels (chosen from the data)")
    parser.add_argument("--method", help="training method (dpaat)")
    parser.add_argument("--backbone", help="network (resnet34)")
    parser.add_argument("--output", type=Path, default=Path("plan.yaml"), help="file to write (%(default)s)")
    trust_option(parser)
    parser.add_argument("--overwrite", action="store_true", help="replace an existing plan")


def trust_option(parser: argparse.ArgumentParser) -> None:
    """Declare ``--trust`` of a program that reads a run."""
    parser.add_argument(
        "--trust", action="store_true", help="run code in the RUN's config that is not part of this project"
    )


def as_words(parser: argparse.ArgumentParser, options: argparse.Namespace) -> list[str]:
    """The words that a parser reads as these options; what is at its default is left out.

    Args:
        parser: declares the options, each a text, number, path or switch.
        options: what was parsed, by this parser or by one that declares more.

    Example::

        >>> import argparse
        >>> parser = argparse.ArgumentParser()
        >>> plan_options(parser)
        >>> as_words(parser, parser.parse_args(["data/mine", "--norm", "linf", "--images", "60", "--overwrite"]))
        ['data/mine', '--norm', 'linf', '--overwrite']

    """
    words: list[str] = []
    for action in parser._actions:
        value = getattr(options, action.dest, action.default)
        if value == action.default:
            continue
        text = shown(value) if isinstance(value, Path) else str(value)
        words += [*action.option_strings[:1], *([text] if action.nargs != 0 else [])]
    return words
