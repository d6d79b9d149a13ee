"""A grid of runs, read from its file."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from custom.cli.values import VALUES, check_values
from custom.study.planned_run import Outcome, PlannedRun
from custom.study.selection import choose_recipe, recipe_arm

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
}
NOT_COUNTED = frozenset(
    {"bundle_root", "dataset_dir", "datalist", "runs_dir", "run_name", "output_dir", "resume", "experiment_name",
     "record", "device", "amp", "num_workers", "cache_rate", "keep_freed_memory"}
)  # fmt: skip
"""Keys of a training that decide where it runs, but not what it learns; a grid cannot set them."""


@dataclass(frozen=True)
class Grid:
    """A study's runs, in the order in which they start.

    Attributes:
        name: the study's name.
        groups: the groups as the file has them, by name.
        runs: all runs.
        evaluation: keys that override ``evaluate.json``.
        recipes: the recipe that each group which takes that of another group trains in; ``None`` if it is not chosen
            yet, in which case the group has no runs yet.
        ahead: hashes of the runs that come before the first group whose recipe is not chosen yet; of all runs if there
            is none.
    """

    name: str
    groups: Mapping[str, Mapping[str, Any]]
    runs: Sequence[PlannedRun]
    evaluation: Mapping[str, Any]
    recipes: Mapping[str, str | None] = field(default_factory=dict)
    ahead: frozenset[str] = frozenset()

    @property
    def different(self) -> dict[str, PlannedRun]:
        """The runs by their hashes; of equal ones the first."""
        found: dict[str, PlannedRun] = {}
        for run in self.runs:
            found.setdefault(run.hash, run)
        return found


def read_grid(
    path: Path, data: Path, weights: Path | None = None, records: Path | None = None, hash_data: bool = True
) -> Grid:
    """Read a grid and plan its runs.

    The file has ``settings`` (keys of ``train.json``) and ``configs`` (files beside it to merge before them) for all
    runs, ``groups`` of ``arms`` with settings of their own, each over the one before, and the ``order``: groups with
    seeds. In each entry of the order all arms run with the first seed before any runs with the second, so that a study
    that is stopped compares all arms.

    A group with ``recipes`` (settings by name) trains each of its arms in each of them; one with ``"recipe_of"`` such a
    group trains in the recipe that had the best validation figures there, once all of its runs are finished.

    Args:
        path: the grid's file.
        data: folder of the prepared data sets.
        weights: folder of files with initial weights.
        records: folder of the records, by which recipes are chosen.
        hash_data: whether to hash the data, all files of which are read; without it the data need not be there.

    Raises:
        FileNotFoundError: if a file or a data set is missing.
        ValueError: if the grid is wrong, in one sentence.
    """
    content = _read_json(path)
    _check_keys(path, content, GRID_KEYS, "the grid")
    for key in ("name", "groups", "order"):
        if not content.get(key):
            raise ValueError(f"{path}: {key!r} must not be missing or empty.")
    groups = content["groups"]
    arms = {name: _arms(path, content, name, group) for name, group in groups.items()}
    order, place = content["order"], data if hash_data else None
    planned = [_planned(path, entry, groups, arms, place, weights) for entry in order]
    chosen: dict[str, str | None] = {}
    for name, source in ((name, group["recipe_of"]) for name, group in groups.items() if "recipe_of" in group):
        _check_recipe_of(path, name, source, groups)
        tried = [run for runs in planned for run in runs if run.group == source]
        recipe = chosen[name] = choose_recipe(list(groups[source]["recipes"]), tried, records) if records else None
        if recipe is not None:
            arms[name] = _arms(path, content, name, groups[name], groups[source]["recipes"][recipe])
    runs: dict[str, PlannedRun] = {}
    ahead: frozenset[str] | None = None
    for entry in order:
        if chosen.get(entry["group"], "") is None:
            ahead = frozenset(run.hash for run in runs.values()) if ahead is None else ahead
            continue
        for run in _planned(path, entry, groups, arms, place, weights):
            for needed in [*(outcome.of for outcome in run.needs.values()), run]:
                runs.setdefault(f"{needed.group}/{needed.arm}/{needed.hash}", needed)
    ahead = frozenset(run.hash for run in runs.values()) if ahead is None else ahead
    return Grid(content["name"], groups, _united(tuple(runs.values())), content.get("evaluation", {}), chosen, ahead)


def _check_recipe_of(path: Path, name: str, source: str, groups: Mapping[str, Any]) -> None:
    if not groups.get(source, {}).get("recipes"):
        raise ValueError(f"{path}: {name!r} takes the recipe of {source!r}, which is no group with 'recipes'.")


def _united(runs: Sequence[PlannedRun]) -> tuple[PlannedRun, ...]:
    """The runs, each evaluated in all ways that any equal run asks for, as equal ones run once."""
    evaluated = {run.hash for run in runs if run.evaluated}
    attacked = {run.hash for run in runs if run.autoattack}
    return tuple(replace(run, evaluated=run.hash in evaluated, autoattack=run.hash in attacked) for run in runs)


def _planned(
    path: Path,
    entry: Mapping[str, Any],
    groups: Mapping[str, Any],
    arms: Mapping[str, Mapping[str, dict[str, Any]]],
    data: Path | None,
    weights: Path | None,
) -> list[PlannedRun]:
    """The runs of one entry of the order, seed by seed."""
    name, seeds = str(entry.get("group")), entry.get("seeds")
    if name not in groups:
        raise ValueError(f"{path}: 'order' names the group {name!r}, but the groups are {', '.join(groups)}.")
    if not isinstance(seeds, list) or not seeds:
        raise ValueError(f"{path}: the group {name!r} in 'order' needs a list of seeds.")
    chosen = entry.get("arms", list(arms[name]))
    unknown = [arm for arm in chosen if arm not in arms[name]]
    if unknown or not chosen:
        raise ValueError(
            f"{path}: 'order' names the arm {next(iter(unknown), None)!r} of {name!r}; it has {', '.join(arms[name])}."
        )
    folder = str(groups[name]["data"])
    hashed = _data_hash(data / folder) if data else folder
    evaluated, autoattack = groups[name].get("evaluate", True), groups[name].get("autoattack", [])
    found: list[PlannedRun] = []
    for seed in seeds:
        made: dict[str, PlannedRun] = {}

        def make(arm: str, seed: int = seed, made: dict[str, PlannedRun] = made) -> PlannedRun:
            if arm in made:
                return made[arm]
            settings = dict(arms[name][arm]) | {"seed": seed}
            for key, value in settings.items():
                if _is_outcome(value):
                    of = make(value["of"])
                    settings[key] = Outcome(of, value["measure"], float(value.get("factor", 1.0)))
            file = weights / str(settings["weights"]) if weights and settings.get("weights") else None
            content = _file_hash(file) if file and file.is_file() else None
            made[arm] = PlannedRun(name, arm, seed, settings, folder, hashed, content, evaluated, seed in autoattack)
            return made[arm]

        found += [make(arm) for arm in chosen]
    return found


def _arms(
    path: Path, content: Mapping[str, Any], name: str, group: Mapping[str, Any], recipe: Mapping[str, Any] | None = None
) -> dict[str, dict[str, Any]]:
    """The settings of a group's arms, by name; ``recipe`` is over those of the group."""
    _check_keys(path, group, GROUP_KEYS, f"the group {name!r}")
    if not group.get("arms"):
        raise ValueError(f"{path}: the group {name!r} has no arms.")
    if not group.get("data"):
        raise ValueError(f"{path}: the group {name!r} names no data set; add 'data'.")
    defaults = plain_settings(_read_json(CONFIGS / "train.json"))
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
                settings |= _read_json(path.parent / config)
            settings |= level.get("settings", {})
        _check_settings(path, f"{name} / {arm}", settings, defaults, trained)
        found[arm] = settings
    for knob, arms in group.get("knobs", {}).items():
        unknown = [arm for arm in arms if arm not in found]
        if unknown:
            raise ValueError(
                f"{path}: the knob {knob!r} of {name!r} names {unknown[0]!r}, which is no arm of the group."
            )
    return found


def plain_settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of ``train.json`` that a training learns by, with their defaults, without components and paths.

    Args:
        config: the content of ``train.json``.
    """
    return {key: config[key] for key in config if key in VALUES and key not in NOT_COUNTED and _plain(config[key])} | {
        key: config[key] for key in ("accelerations", "method_options")
    }


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
        if _is_outcome(value) and (value["of"] not in arms or value.get("measure") not in MEASURES):
            raise ValueError(
                f"{path}: {where} takes {key!r} of the arm {value['of']!r} (measure {value.get('measure')!r}); name an "
                f"arm of the group, and one of {', '.join(MEASURES)}."
            )
    try:
        check_values({key: value for key, value in settings.items() if not _is_outcome(value)})
    except ValueError as error:
        raise ValueError(f"{path}: {where}: {error}") from None


def _is_outcome(value: Any) -> bool:
    return isinstance(value, Mapping) and "of" in value


def _check_keys(path: Path, content: Mapping[str, Any], known: set[str], where: str) -> None:
    for key in content:
        if key not in known:
            raise ValueError(f"{path}: {where} has the key {key!r}; it takes {', '.join(sorted(known))}.")


def _read_json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise FileNotFoundError(f"No {path} found; pass a grid such as bundle/configs/study/two_cores.json.")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is not valid JSON ({error}).") from None
    if not isinstance(content, dict):
        raise ValueError(f"{path} should hold a JSON object, not a {type(content).__name__}.")
    return content


@cache
def _data_hash(folder: Path) -> str:
    from custom.data import data_hash

    return data_hash(folder)


@cache
def _file_hash(path: Path) -> str:
    from custom.evaluation.fingerprint import file_hash

    return str(file_hash(path))
