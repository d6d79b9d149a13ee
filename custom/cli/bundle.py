"""``python -m custom.bundle``: MONAI's command line, after a look at what it was given.

MONAI reads configs and overrides before it runs anything of theirs, so that what is wrong with those ends in
a traceback. Started from here they are checked before, and before MONAI is imported.
"""

from __future__ import annotations

import logging
import runpy
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

from custom.cli.arguments import as_meant
from custom.cli.command_line import CommandLine
from custom.cli.environment import monai_program
from custom.cli.errors import make_errors_readable
from custom.cli.overrides import check_plain_overrides
from custom.cli.values import check_values
from custom.runs.config import places_now, require_trust
from custom.runs.defaults import over_defaults
from custom.runs.names import CONFIG_NAME


def run_bundle(arguments: Sequence[str]) -> None:
    """Run ``python -m monai.bundle`` in this process, errors in one sentence.

    Args:
        arguments: what follows ``python -m monai.bundle``.

    Raises:
        ValueError: if the arguments are wrong; it is reported in one sentence when nothing catches it.
    """
    make_errors_readable()
    sys.argv = [monai_program(), *as_meant(arguments)]
    sys.argv += as_meant(words_for_a_run(CommandLine.read()))
    command_line = CommandLine.read()
    if command_line is not None:
        check_plain_overrides(command_line)
        check_values(command_line.overrides, given=True)
        check_values(command_line.plain())
        check_trust(command_line)
        # MONAI lists the arguments, warns of running the configs of others, and of run folders without metadata, at
        # length. Its loggers get their levels when it is imported.
        warnings.filterwarnings("ignore", message="parsing config_file", category=UserWarning)
        for name in ("monai.bundle.scripts", "monai.bundle.workflows"):
            logging.getLogger(name).addFilter(_silent)
    runpy.run_module("monai.bundle", run_name="__main__", alter_sys=True)


def words_for_a_run(command_line: CommandLine | None) -> list[str]:
    """What to add to a command line whose first config is that of a run.

    Args:
        command_line: what the bundle was started with.

    Returns:
        The config files over today's defaults, for keys that the run's config lacks, and the places that are other ones
        now than when it was written; nothing if the config is not that of a run.

    Raises:
        FileNotFoundError: if a config file does not exist.
        ValueError: if one is not a config.
    """
    if command_line is None or Path(command_line.config_files[0]).name != CONFIG_NAME:
        return []
    path, *overrides = map(Path, command_line.config_files)
    places = {key: place for key, place in places_now(path, overrides).items() if key not in command_line.overrides}
    words = ["--config_file", repr(over_defaults(command_line.config_files))]
    return words + [word for key, place in places.items() for word in (f"--{key}", place)]


def check_trust(command_line: CommandLine) -> None:
    """Refuse the config of a run that could run somebody else's code, unless ``--trust`` allows it.

    Other config files are programs that the user names.

    Args:
        command_line: what the bundle was started with; only the configs for runs take ``trust``.

    Raises:
        ValueError: if the run is not to be trusted.
    """
    values = command_line.plain()
    for path in map(Path, command_line.config_files):
        if "trust" in values and path.name == CONFIG_NAME:
            require_trust(path.parent, values["trust"] is True)


def _silent(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.CRITICAL
