"""The recipe is the one with the best validation figures, and chosen once all of them are there."""

import json

import pytest

from custom.study import read_grid
from custom.study.record import record_path
from custom.study.selection import best_validation, method_and_recipe, recipe_scores

RECIPES = {"plain": {}, "averaging": {"weight_averaging": 0.9}}
CONTENT = {
    "name": "recipes",
    "settings": {"backbone": "small_resnet", "image_size": 32, "weights": None},
    "groups": {
        "choice": {
            "data": "d",
            "evaluate": False,
            "recipes": RECIPES,
            "arms": {"AT": {"method": "at"}, "SAT": {"method": "sat"}},
        },
        "chosen": {"data": "d", "recipe_of": "choice", "arms": {"MART": {"method": "mart"}}},
        "late": {"data": "d", "arms": {"STD": {"method": "std"}}},
    },
    "order": [
        {"group": "choice", "seeds": [0]},
        {"group": "chosen", "seeds": [0]},
        {"group": "late", "seeds": [0]},
    ],
}
# Averaging is worse with AT and better with SAT, and better in the mean.
SCORES = {"AT, plain": 0.6, "SAT, plain": 0.5, "AT, averaging": 0.58, "SAT, averaging": 0.55}


def read(tmp_path, content=CONTENT):
    path = tmp_path / "grid.json"
    path.write_text(json.dumps(content))
    return read_grid(path, tmp_path, records=tmp_path / "records", hash_data=False)


def finish(tmp_path, runs):
    (tmp_path / "records").mkdir(exist_ok=True)
    for run in runs:
        history = {"val_accuracy_mean": [0.1, SCORES[run.arm], None, 0.2]}
        record = {"schema": 1, "hash": run.hash, "history": history}
        record_path(tmp_path / "records", run).write_text(json.dumps(record))


def test_a_recipe_is_chosen_when_all_runs_are_finished(tmp_path):
    grid = read(tmp_path)
    assert grid.recipes == {"chosen": None}
    tried, rest = grid.runs[:4], grid.runs[4:]
    assert [run.arm for run in tried] == list(SCORES)
    assert [run.group for run in rest] == ["late"]
    # What decides comes first.
    assert grid.ahead == {run.hash for run in tried}
    finish(tmp_path, tried[:3])
    assert read(tmp_path).recipes == {"chosen": None}
    finish(tmp_path, tried)
    grid = read(tmp_path)
    assert grid.recipes == {"chosen": "averaging"}
    run = next(run for run in grid.runs if run.group == "chosen")
    assert (run.settings["method"], run.settings["weight_averaging"]) == ("mart", 0.9)
    assert [run.group for run in grid.runs[4:]] == ["chosen", "late"]


def test_a_group_without_recipes_cannot_be_taken_from(tmp_path):
    groups = {**CONTENT["groups"], "chosen": {**CONTENT["groups"]["chosen"], "recipe_of": "late"}}
    with pytest.raises(ValueError, match="'chosen' takes the recipe of 'late', which is no group with 'recipes'"):
        read(tmp_path, {**CONTENT, "groups": groups})


def test_scores_by_hand():
    assert best_validation({"history": {"val_accuracy_mean": [0.1, 0.6, None, 0.2]}}) == 0.6
    scores = {"AT, plain": [0.6, 0.7], "SAT, plain": [0.5], "AT, averaging": [0.9]}
    assert recipe_scores(["plain", "averaging"], scores) == pytest.approx({"plain": 0.6, "averaging": 0.9})


def test_one_recipe_s_name_may_be_the_end_of_another_s():
    recipes = ["averaging", "one cycle, averaging"]
    assert method_and_recipe("AT, averaging", recipes) == ("AT", "averaging")
    assert method_and_recipe("AT, one cycle, averaging", recipes) == ("AT", "one cycle, averaging")
    scores = {"AT, averaging": [0.6, 0.8], "AT, one cycle, averaging": [0.2]}
    assert recipe_scores(recipes, scores) == pytest.approx({"averaging": 0.7, "one cycle, averaging": 0.2})
    with pytest.raises(ValueError, match="none of the recipes"):
        method_and_recipe("AT", recipes)
