"""A grid of runs, read from its file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from custom.study.hashes import data_hash_of, file_hash_of
from custom.study.planned_run import Outcome, PlannedRun
from custom.study.selection import choose_recipe
from custom.study.settings import CONFIGS, GRID_KEYS, arm_settings, check_keys, is_outcome, plain_settings, read_config


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
    content = read_config(path)
    check_keys(path, content, GRID_KEYS, "the grid")
    for key in ("name", "groups", "order"):
        if not content.get(key):
            raise ValueError(f"{path}: {key!r} must not be missing or empty.")
    groups = content["groups"]
    arms = {name: arm_settings(path, content, name, group) for name, group in groups.items()}
    order, place = content["order"], data if hash_data else None
    planned = [_planned(path, entry, groups, arms, place, weights) for entry in order]
    chosen: dict[str, str | None] = {}
    for name, source in ((name, group["recipe_of"]) for name, group in groups.items() if "recipe_of" in group):
        _check_recipe_of(path, name, source, groups)
        tried = [run for runs in planned for run in runs if run.group == source]
        recipe = chosen[name] = choose_recipe(list(groups[source]["recipes"]), tried, records) if records else None
        if recipe is not None:
            arms[name] = arm_settings(path, content, name, groups[name], groups[source]["recipes"][recipe])
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
    hashed = data_hash_of(data / folder) if data else folder
    defaults = plain_settings(read_config(CONFIGS / "train.json"))
    evaluated, autoattack = groups[name].get("evaluate", True), groups[name].get("autoattack", [])
    found: list[PlannedRun] = []
    for seed in seeds:
        made: dict[str, PlannedRun] = {}

        def make(arm: str, seed: int = seed, made: dict[str, PlannedRun] = made) -> PlannedRun:
            if arm in made:
                return made[arm]
            settings = dict(arms[name][arm]) | {"seed": seed}
            for key, value in settings.items():
                if is_outcome(value):
                    of = make(value["of"])
                    settings[key] = Outcome(of, value["measure"], float(value.get("factor", 1.0)))
            file = weights / str(settings["weights"]) if weights and settings.get("weights") else None
            content = file_hash_of(file) if file and file.is_file() else None
            made[arm] = PlannedRun(
                name, arm, seed, settings, folder, hashed, content, defaults, evaluated, seed in autoattack
            )
            return made[arm]

        found += [make(arm) for arm in chosen]
    return found
