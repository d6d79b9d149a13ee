"""The command line that a bundle was started with, as MONAI reads it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from custom.plain_config import plain_config, put

if TYPE_CHECKING:
    from monai.bundle import ConfigParser

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
PROGRAM = ("monai", "bundle", "__main__.py")


@dataclass(frozen=True)
class CommandLine:
    """What ``python -m monai.bundle run`` was asked to do.

    Attributes:
        config_files: the config files, to be merged in this order.
        overrides: what is to be changed in them: ids and their new values.
        tracking: MONAI's own experiment tracking, which knows ids of its own, or ``None``.
        run_id: the id to be run.
        dropped: ids that were given ``None``, which MONAI drops.
    """

    config_files: tuple[str, ...]
    overrides: dict[str, Any] = field(default_factory=dict)
    tracking: str | None = None
    run_id: str = "run"
    dropped: tuple[str, ...] = ()

    @classmethod
    def read(cls, arguments: Sequence[str] | None = None) -> CommandLine | None:
        """Read a command line the way MONAI does, with Fire.

        Args:
            arguments: the program and what follows it; by default this process's own.

        Returns:
            The command line, or ``None`` if the program is not ``monai.bundle`` or does not run a config.

        Raises:
            FileNotFoundError: if a file with arguments does not exist.
            ValueError: if such a file cannot be read.

        Example::

            >>> from custom.cli import CommandLine
            >>> CommandLine.read("monai/bundle/__main__.py run --config_file a.json --epochs 3".split()).overrides
            {'epochs': 3}

        """
        import fire

        program, *rest = sys.argv if arguments is None else arguments
        if Path(program).parts[-3:] != PROGRAM or rest[:1] != ["run"]:
            return None
        given: dict[str, Any] = {}
        fire.Fire({"run": _recorder(given)}, command=list(rest), name="monai.bundle")
        merged = dict(plain_config([given.pop("args_file")])) if given.get("args_file") is not None else {}
        # As monai.bundle's update_kwargs does.
        merged |= {name: value for name, value in given.items() if value is not None}
        files = merged.get("config_file")
        if files is None:
            return None
        return cls(
            config_files=(str(files),) if isinstance(files, str | int | float) else tuple(map(str, files)),
            overrides={name: value for name, value in merged.items() if name not in RUN_ARGUMENTS},
            tracking=merged.get("tracking"),
            run_id=str(merged.get("run_id", "run")),
            dropped=tuple(name for name, value in given.items() if value is None and name not in RUN_ARGUMENTS),
        )

    def plain(self) -> dict[str, Any]:
        """The merged config files and the overrides, without MONAI: nothing in them is resolved.

        Raises:
            FileNotFoundError: if a file does not exist.
            ValueError: if one is neither JSON nor YAML.
        """
        config = plain_config(self.config_files)
        for name, value in self.overrides.items():
            put(config, name, value)
        return config

    def parser(self) -> ConfigParser:
        """Read and merge the config files with MONAI, without the overrides.

        Raises:
            FileNotFoundError: if a file does not exist.
            ValueError: if one is neither JSON nor YAML.
        """
        from monai.bundle import ConfigParser

        plain_config(self.config_files)
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


def _recorder(given: dict[str, Any]) -> Any:
    """A function with the signature of ``monai.bundle.run`` that records what Fire calls it with."""

    def run(
        run_id: str | None = None,
        init_id: str | None = None,
        final_id: str | None = None,
        meta_file: Any = None,
        config_file: Any = None,
        logging_file: str | None = None,
        tracking: Any = None,
        args_file: str | None = None,
        **override: Any,
    ) -> None:
        values = (run_id, init_id, final_id, meta_file, config_file, logging_file, tracking, args_file)
        given.update(zip(RUN_ARGUMENTS, values, strict=True))
        given.update(override)

    return run
