"""The settings of a grid's arms, from its file and the configs that it names."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from custom.cli.values import VALUES, check_values
from custom.files.read_json import read_json
from custom.study.selection import recipe_arm

CONFIGS = Path(__file__).resolve().parents[2] / "bundle" / "configs"
MEASURES = ("xi", "epsilon_scale")
"""What a run can provide to another one: AMAT's xi, from STD; its mean training radius as a multiple of epsilon."""

GRID_KEYS = {"name", "description", "settings", "configs", "groups", "order", "evaluation"}
GROUP_KEYS = {
    "title",
    "description",
    "data",
    "settings",
    "configs",
    "arms",
    "evaluate",
    "autoattack",
    "knobs",
    "recipes",
    "recipe_of",
    "paper_rows",
    "baselines",
    "clock",
}
NOT_COUNTED = frozenset(
    {"bundle_root", "dataset_dir", "datalist", "runs_dir", "run_name", "output_dir", "resume", "experiment_name",
     "record", "device", "amp", "num_workers", "cache_rate", "keep_freed_memory"}
)  # fmt: skip
"""Keys of a training that decide where it runs, but not what it learns; a grid cannot set them."""


def arm_settings(
    path: Path, content: Mapping[str, Any], name: str, group: Mapping[str, Any], recipe: Mapping[str, Any] | None = None
) -> dict[str, dict[str, Any]]:
    """The settings of a group's arms, by name.

    Args:
        path: the grid's file, for messages, and for configs that it names.
        content: the grid.
        name: of the group.
        group: the group.
        recipe: settings over those of the group.

    Raises:
        ValueError: if a setting is unknown or wrong, or the group has no arms.
    """
    check_keys(path, group, GROUP_KEYS, f"the group {name!r}")
    if not group.get("arms"):
        raise ValueError(f"{path}: the group {name!r} has no arms.")
    if not group.get("data"):
        raise ValueError(f"{path}: the group {name!r} names no data set; add 'data'.")
    defaults = plain_settings(read_config(CONFIGS / "train.json"))
    found = {}
    trained = {arm: {**(recipe or {}), **own} for arm, own in group["arms"].items()}
    if "recipes" in group:
        trained = {
            recipe_arm(arm, tried): {**settings, **own}
            for tried, settings in group["recipes"].items()
            for arm, own in group["arms"].items()
        }
    for arm, own in trained.items():
        settings = dict(defaults)
        for level in (content, group, {"settings": own}):
            for config in level.get("configs", []):
                settings |= read_config(path.parent / config)
            settings |= level.get("settings", {})
        _check_settings(path, f"{name} / {arm}", settings, defaults, trained)
        found[arm] = settings
    for knob, arms in group.get("knobs", {}).items():
        unknown = [arm for arm in arms if arm not in found]
        if unknown:
            raise ValueError(
                f"{path}: the knob {knob!r} of {name!r} names {unknown[0]!r}, which is no arm of the group."
            )
    unknown = [arm for arm in group.get("baselines", []) if arm not in found]
    if unknown:
        raise ValueError(f"{path}: the baseline {unknown[0]!r} of {name!r} is no arm of the group.")
    if group.get("clock", "cpu_seconds") not in ("cpu_seconds", "seconds"):
        raise ValueError(f"{path}: 'clock' of {name!r} is {group['clock']!r}; it takes 'cpu_seconds' or 'seconds'.")
    return found


def plain_settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of ``train.json`` that a training learns by, with their defaults, without components and paths.

    The steps of the training attack are among them by themselves, as ``steps`` and ``step_size`` are those of the
    validation, too.

    Args:
        config: the content of ``train.json``.
    """
    return (
        {key: config[key] for key in config if key in VALUES and key not in NOT_COUNTED and _plain(config[key])}
        | {key: config[key] for key in ("accelerations", "method_options")}
        | {f"attack#{key}": config["attack"][key] for key in ("steps", "step_size")}
    )


def _plain(value: Any) -> bool:
    return not (isinstance(value, Mapping) and "_target_" in value)


def _check_settings(
    path: Path, where: str, settings: Mapping[str, Any], known: Mapping[str, Any], arms: Mapping[str, Any]
) -> None:
    for key, value in settings.items():
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else "."
            raise ValueError(f"{path}: {where} sets {key!r}, which is no setting of a study's training{hint}")
        if is_outcome(value) and (value["of"] not in arms or value.get("measure") not in MEASURES):
            raise ValueError(
                f"{path}: {where} takes {key!r} of the arm {value['of']!r} (measure {value.get('measure')!r}); name an "
                f"arm of the group, and one of {', '.join(MEASURES)}."
            )
    try:
        check_values({key: value for key, value in settings.items() if not is_outcome(value)})
    except ValueError as error:
        raise ValueError(f"{path}: {where}: {error}") from None


def is_outcome(value: Any) -> bool:
    """Whether a setting is the outcome of another arm, as a grid writes it."""
    return isinstance(value, Mapping) and "of" in value


def check_keys(path: Path, content: Mapping[str, Any], known: set[str], where: str) -> None:
    """Make sure that a part of a grid has no unknown keys.

    Args:
        path: the grid's file.
        content: the part.
        known: the keys that it takes.
        where: what to call it.

    Raises:
        ValueError: naming the first unknown key.
    """
    for key in content:
        if key not in known:
            raise ValueError(f"{path}: {where} has the key {key!r}; it takes {', '.join(sorted(known))}.")


def read_config(path: Path) -> dict[str, Any]:
    """Read a grid, or a config that it names.

    Args:
        path: the file.

    Raises:
        FileNotFoundError: if there is none.
        ValueError: if it holds something else.
    """
    if not path.is_file():
        raise FileNotFoundError(f"No {path} found; pass a grid such as bundle/configs/study/two_cores.json.")
    return read_json(path)
