"""Whether a training can resume with the settings at hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from custom.plain_config import plain_config
from custom.runs.config import read_config
from custom.runs.names import CONFIG_NAME

MAY_CHANGE = frozenset(
    {
        "resume", "output_dir", "runs_dir", "run_name", "bundle_root", "dataset_dir", "datalist", "device", "amp",
        "record", "check_data", "experiment_name", "num_workers", "cache_rate", "keep_freed_memory",
        "fine_tuning_epochs", "patience", "imports", "run", "initialize", "finalize", "training", "weights",
        "network_def#weights",
    }
)  # fmt: skip
"""Ids of the config that decide where and for how long a training runs, but not what it learns in an epoch."""


def check_resumed_config(folder: str | Path, config: Mapping[str, Any]) -> None:
    """Compare the config at hand with the one that the training began with.

    Epochs may be added, and the folders, the device and the records may be others. Whatever decides what is learned
    must be the same: the checkpoint was made with it, and would otherwise be recorded with a setting that it never saw.

    Args:
        folder: folder of the run.
        config: the config at hand, macros resolved.

    Raises:
        ValueError: if a setting differs, naming it and both values.
    """
    path = Path(folder) / CONFIG_NAME
    if not path.is_file():
        return
    before, now = dict(_leaves(read_config(folder).get())), dict(_leaves(config))
    written = dict(_leaves(plain_config([path])))
    for key in [*written, *(key for key in now if key not in written)]:
        if before.get(key) != now.get(key) and not _may_change(key, config):
            raise ValueError(
                f"The training in {folder} began with {key} {before.get(key)!r} and cannot resume with "
                f"{now.get(key)!r}; resume it with its own settings, or start another training."
            )


def _may_change(key: str, config: Mapping[str, Any]) -> bool:
    """Whether a setting may differ from the one that the training began with."""
    if key == "fine_tuning_epochs":
        return not _scheduled(config)
    return key in MAY_CHANGE or key.partition("#")[0] in MAY_CHANGE


def _scheduled(config: Mapping[str, Any]) -> bool:
    """Whether what an epoch learns depends on how many there are."""
    options = config.get("method_options")
    tau = options.get("tau") if isinstance(options, Mapping) else None
    rising_tau = config.get("method") == "fat" and tau is None
    return config.get("lr_schedule", "constant") != "constant" or bool(config.get("epsilon_schedule")) or rising_tau


def _leaves(config: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """All values of a config by id, nested ids joined by ``#``, as JSON keeps them."""
    pairs = config.items() if isinstance(config, Mapping) else enumerate(config)
    for key, value in pairs:
        name = f"{prefix}{key}"
        if isinstance(value, Mapping | list | tuple) and value:
            yield from _leaves(value, f"{name}#")
        elif not str(key).startswith("_meta_"):
            yield name, value if isinstance(value, int | float | str | bool | None) else str(value)
