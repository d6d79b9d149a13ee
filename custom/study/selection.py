"""The choice of a recipe, on validation images alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from custom.study.planned_run import PlannedRun
from custom.study.record import read_record

SCORE = "val_accuracy_mean"
"""Mean of clean and attacked validation accuracy."""


def recipe_arm(arm: str, recipe: str) -> str:
    """Name of the arm that trains another arm's method in a recipe."""
    return f"{arm}, {recipe}"


def method_and_recipe(arm: str, recipes: Iterable[str]) -> tuple[str, str]:
    """The two parts of a name that `recipe_arm` made.

    Args:
        arm: the name.
        recipes: names of the recipes. Of those that the arm's name ends with, the longest counts, so that one recipe's
            name may be the end of another's.

    Raises:
        ValueError: if the arm is trained in none of them.
    """
    fitting = [recipe for recipe in recipes if arm.endswith(recipe_arm("", recipe))]
    if not fitting:
        raise ValueError(f"{arm!r} names none of the recipes.")
    recipe = max(fitting, key=len)
    return arm.removesuffix(recipe_arm("", recipe)), recipe


def best_validation(record: Mapping[str, Any]) -> float:
    """The validation score of a training's best epoch, in [0, 1].

    Args:
        record: of the run.
    """
    return max(float(value) for value in record["history"][SCORE] if value is not None)


def recipe_scores(recipes: Iterable[str], scores: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """The mean score of each recipe over methods and seeds.

    Args:
        recipes: their names.
        scores: of each run of an arm, by the arm's name.
    """
    recipes = list(recipes)
    own: dict[str, list[float]] = {recipe: [] for recipe in recipes}
    for arm, values in scores.items():
        own[method_and_recipe(arm, recipes)[1]] += values
    return {recipe: float(np.mean(values)) for recipe, values in own.items() if values}


def choose_recipe(recipes: Sequence[str], runs: Sequence[PlannedRun], records: Path) -> str | None:
    """The recipe with the highest mean score.

    Args:
        recipes: their names.
        runs: all runs by which the recipe is to be chosen.
        records: folder of the records.

    Returns:
        Its name; ``None`` as long as a run is not finished, so that the choice cannot change.
    """
    scores: dict[str, list[float]] = {}
    for run in runs:
        record = read_record(records, run)
        if record is None:
            return None
        scores.setdefault(run.arm, []).append(best_validation(record))
    found = recipe_scores(recipes, scores)
    return max(found, key=lambda recipe: found[recipe]) if found else None
