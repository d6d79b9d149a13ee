"""This project's configs, whose defaults a run of an earlier version takes for keys that it does not have."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OWN_CONFIGS = ROOT / "bundle" / "configs" if (ROOT / "bundle").is_dir() else ROOT / "configs"
"""In the repository, or in the exported bundle that the package is part of."""


def over_defaults(files: Sequence[str | Path]) -> list[str]:
    """Put the config of a training below config files, for keys that a run's config lacks.

    Args:
        files: the config of a run, and what is merged over it.
    """
    defaults = OWN_CONFIGS / "train.json"
    return [*([str(defaults)] if defaults.is_file() else []), *map(str, files)]
