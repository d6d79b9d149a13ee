"""``python -m custom VERB ...``: what people do with this project, one word each.

A verb only puts together the command lines that the documentation has, and runs them; ``--dry-run`` prints them.
Whatever a verb does not know (``--epsilon 0.1``) overrides a key of the bundle's configs.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from custom.cli.arguments import FLAG
from custom.cli.commands import VERBS, Verb
from custom.cli.environment import missing_environment, packages_found
from custom.cli.errors import readable_errors
from custom.cli.kinds import Switch
from custom.cli.reference import keys, names
from custom.cli.run_steps import run_steps
from custom.cli.values import VALUES


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
        raise ValueError(f"{words[0]!r} is not one of {', '.join(VERBS)}; --help says what they do.")
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
        "A RUN is the folder of a training, such as bundle/runs/dpaat-small_resnet.",
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
