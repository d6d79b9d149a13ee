"""The command line that a bundle was started with, as MONAI reads it."""

from __future__ import annotations

import functools
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import fire
from monai.bundle import ConfigParser, update_kwargs
from monai.bundle.scripts import run

RUN_ARGUMENTS = (
    "run_id",
    "init_id",
    "final_id",
    "meta_file",
    "config_file",
    "logging_file",
    "tracking",
    "args_file",
)


@dataclass(frozen=True)
class CommandLine:
    """What ``python -m monai.bundle run`` was asked to do.

    Attributes:
        config_files: the config files, to be merged in this order.
        overrides: what is to be changed in them: ids and their new values.
        tracking: MONAI's own experiment tracking, which knows ids of its own, or ``None``.
    """

    config_files: tuple[str, ...]
    overrides: dict[str, Any] = field(default_factory=dict)
    tracking: str | None = None

    @classmethod
    def read(cls, arguments: Sequence[str] | None = None) -> CommandLine | None:
        """Read a command line the way MONAI does, with Fire.

        Args:
            arguments: the program and what follows it; by default this process's own.

        Returns:
            The command line, or ``None`` where the program is not ``monai.bundle`` or does not run a config.

        Example::

            >>> from custom.bundle import CommandLine
            >>> CommandLine.read("monai/bundle/__main__.py run --config_file a.json --epochs 3".split())
            CommandLine(config_files=('a.json',), overrides={'epochs': 3}, tracking=None)

        """
        program, *rest = sys.argv if arguments is None else arguments
        if Path(program).parts[-3:] != ("monai", "bundle", "__main__.py") or rest[:1] != ["run"]:
            return None
        given: dict[str, Any] = {}

        @functools.wraps(run)
        def remember(*args: Any, **kwargs: Any) -> None:
            given.update(zip(RUN_ARGUMENTS, args, strict=False), **kwargs)

        fire.Fire({"run": remember}, command=list(rest), name="monai.bundle")
        merged = update_kwargs(given.pop("args_file", None), **given)
        files = merged.get("config_file")
        if files is None:
            return None
        return cls(
            config_files=(files,) if isinstance(files, str) else tuple(files),
            overrides={name: value for name, value in merged.items() if name not in RUN_ARGUMENTS},
            tracking=merged.get("tracking"),
        )

    def parser(self) -> ConfigParser:
        """Read and merge the config files, without the overrides.

        Raises:
            FileNotFoundError: when there is no such file.
            ValueError: when a file is not valid JSON or YAML.
        """
        for path in self.config_files:
            if not Path(path).is_file():
                raise FileNotFoundError(f"There is no config file {path}.")
        parser = ConfigParser()
        parser.read_config(list(self.config_files))
        return parser

    def resolved_config(self) -> dict[str, Any]:
        """The merged config files with the overrides in them: all that it takes to repeat the run."""
        parser = self.parser()
        parser.update(self.overrides)
        parser.resolve_macro_and_relative_ids()
        config = dict(parser.get())
        config.pop(parser.meta_key, None)
        return config


def resolved_config() -> dict[str, Any]:
    """The config that this process was started with, overrides included, with its macros replaced.

    Returns:
        The config, or an empty one where ``monai.bundle`` was not started from the command line.

    Example::

        >>> from custom.bundle import resolved_config
        >>> resolved_config()
        {}

    """
    command_line = CommandLine.read()
    return command_line.resolved_config() if command_line is not None else {}
