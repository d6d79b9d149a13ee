"""The folder that a training will have, known before it starts."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from custom.cli.arguments import as_meant
from custom.cli.command_line import CommandLine
from custom.cli.environment import monai_program
from custom.cli.kinds import EXPRESSION
from custom.cli.steps import shown


@dataclass(frozen=True)
class Overrides:
    """A training's configs with the overrides of a command line.

    Attributes:
        command_line: both of them.
    """

    command_line: CommandLine

    @classmethod
    def read(cls, configs: Sequence[Path], overrides: Sequence[str]) -> Overrides:
        """Read them.

        Args:
            configs: the config files.
            overrides: what follows them on the command line.
        """
        words = ["run", "training", *as_meant(["--config_file", ",".join(map(str, configs)), *overrides])]
        command_line = CommandLine.read([monai_program(), *words])
        assert command_line is not None, "a training's command line"
        return cls(command_line)

    def has(self, key: str) -> bool:
        """Whether the command line gives a key a value."""
        return key in self.command_line.overrides

    def value(self, key: str) -> Any:
        """What the configs and overrides say of a key, not resolved."""
        return self.command_line.plain().get(key)

    def run(self) -> str:
        """The run's folder: the one that was named, the one to resume, or the next that is free."""
        from custom.runs import in_use

        if self.has("output_dir"):
            return shown(Path(self.value("output_dir")))
        backbone = str(self.value("backbone")).rpartition(".")[2]
        given = [self.value(key) for key in ("runs_dir", "run_name")]
        default = [f"{self.value('bundle_root')}/runs", f"{self.value('method')}-{backbone}"]
        root, name = (
            fallback if str(value).startswith(EXPRESSION) else value
            for value, fallback in zip(given, default, strict=True)
        )
        folders = (Path(root) / (name if number == 1 else f"{name}-{number}") for number in itertools.count(1))
        free = None
        latest = None
        for free in folders:
            if not in_use(free):
                break
            latest = free
        chosen = latest if self.value("resume") is True and latest is not None else free
        return shown(Path(str(chosen)))
