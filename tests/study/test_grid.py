"""Grids: which runs they plan, in which order, and what is wrong with them."""

import json

import pytest

from custom.study import Outcome, read_grid
from custom.study.estimate import passes
from custom.study.planned_run import PlannedRun

GROUP = {"data": "d", "arms": {"STD": {"method": "std"}, "AT": {"method": "at"}}}


def grid_of(tmp_path, **changes):
    content = {
        "name": "small",
        "settings": {"backbone": "small_resnet", "image_size": 32, "weights": None},
        "groups": {"g": GROUP},
        "order": [{"group": "g", "seeds": [0, 1]}],
        **changes,
    }
    path = tmp_path / "grid.json"
    path.write_text(json.dumps(content))
    return read_grid(path, tmp_path, hash_data=False)


def test_seeds_come_before_arms(tmp_path):
    grid = grid_of(tmp_path)
    assert [(run.arm, run.seed) for run in grid.runs] == [("STD", 0), ("AT", 0), ("STD", 1), ("AT", 1)]
    assert grid.runs[0].settings["fine_tuning_epochs"] == 50


def test_a_run_that_another_needs_comes_first(tmp_path):
    arms = {"AMAT": {"method": "amat", "xi": {"of": "STD", "measure": "xi"}}, "STD": {"method": "std"}}
    grid = grid_of(tmp_path, groups={"g": {**GROUP, "arms": arms}})
    assert [run.arm for run in grid.runs] == ["STD", "AMAT", "STD", "AMAT"]
    std, amat = grid.runs[:2]
    assert amat.needs == {"xi": Outcome(std, "xi")}
    assert amat.resolved({std.hash: {"xi": 1.5}})["xi"] == 1.5


def test_the_hash_is_that_of_what_a_training_learns_by(tmp_path):
    first, second = grid_of(tmp_path).runs[1:3]
    assert first.hash != second.hash
    changed = grid_of(tmp_path, settings={"image_size": 32, "backbone": "small_resnet", "weights": None, "awp": 0.01})
    assert changed.runs[1].hash != first.hash
    # The default counts for nothing, so that a key that is added later leaves earlier runs valid.
    assert "joint_pass" in first.settings
    assert "joint_pass" not in first.identity["settings"]
    off = grid_of(tmp_path, settings={"image_size": 32, "backbone": "small_resnet", "weights": None, "awp": 0.0})
    assert off.runs[1].hash == first.hash


def test_data_and_weights_count_by_their_content():
    settings = {"method": "at", "seed": 0, "weights": "a.pth", "backbone": "resnet34", "image_size": 64}
    run = PlannedRun("g", "AT", 0, settings, "d", "1" * 64, "2" * 64)
    assert run.hash == PlannedRun("h", "x", 0, {**settings, "weights": "b.pth"}, "e", "1" * 64, "2" * 64).hash
    assert run.hash != PlannedRun("g", "AT", 0, settings, "d", "3" * 64, "2" * 64).hash
    assert run.hash != PlannedRun("g", "AT", 0, settings, "d", "1" * 64, "4" * 64).hash


def test_what_a_needed_run_is_trained_with_counts(tmp_path):
    arms = {"STD": {"method": "std"}, "AMAT": {"method": "amat", "xi": {"of": "STD", "measure": "xi"}}}
    amat = grid_of(tmp_path, groups={"g": {**GROUP, "arms": arms}}).runs[1]
    arms["STD"]["weight_decay"] = 0.1
    assert grid_of(tmp_path, groups={"g": {**GROUP, "arms": arms}}).runs[1].hash != amat.hash


def test_equal_runs_run_once_with_all_evaluations(tmp_path):
    groups = {"g": {**GROUP, "evaluate": False}, "h": {**GROUP, "autoattack": [0]}}
    grid = grid_of(tmp_path, groups=groups, order=[{"group": name, "seeds": [0]} for name in groups])
    assert len(grid.runs) == 4
    assert len(grid.different) == 2
    assert all(run.evaluated and run.autoattack for run in grid.runs)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"groups": {"g": {**GROUP, "arms": {"X": {"method": "dpat"}}}}}, "g / X: method must be one of"),
        ({"groups": {"g": {**GROUP, "arms": {}}}}, "the group 'g' has no arms"),
        ({"groups": {}}, "'groups' must not be missing or empty"),
        ({"order": []}, "'order' must not be missing or empty"),
        ({"order": [{"group": "g", "seeds": []}]}, "'g' in 'order' needs a list of seeds"),
        ({"order": [{"group": "h", "seeds": [0]}]}, "'order' names the group 'h', but the groups are g"),
        ({"order": [{"group": "g", "seeds": [0], "arms": ["X"]}]}, "'order' names the arm 'X' of 'g'"),
        ({"settings": {"epsilom": 0.2}}, "sets 'epsilom', which is no setting .* did you mean 'epsilon'"),
        ({"settings": {"dataset_dir": "/data"}}, "sets 'dataset_dir', which is no setting"),
        ({"settings": {"epsilon": -1}}, "epsilon must be a number, at least 0"),
        ({"seeds": [0]}, "the grid has the key 'seeds'; it takes"),
        ({"groups": {"g": {"arms": GROUP["arms"]}}}, "names no data set"),
        ({"groups": {"g": {**GROUP, "knobs": {"k": ["AT", "X"]}}}}, "the knob 'k' of 'g' names 'X'"),
        (
            {"groups": {"g": {**GROUP, "arms": {"A": {"method": "amat", "xi": {"of": "B", "measure": "xi"}}}}}},
            "takes 'xi' of the arm 'B'",
        ),
    ],
)
def test_a_wrong_grid_is_told_in_one_sentence(tmp_path, changes, message):
    with pytest.raises(ValueError, match=message):
        grid_of(tmp_path, **changes)


def test_a_file_that_is_no_json_is_named(tmp_path):
    (tmp_path / "grid.json").write_text("{")
    with pytest.raises(ValueError, match=r"grid\.json is not valid JSON"):
        read_grid(tmp_path / "grid.json", tmp_path)


@pytest.mark.parametrize("name", ["two_cores", "paper"])
def test_the_grids_of_the_repository(root, name):
    grid = read_grid(root / "bundle" / "configs" / "study" / f"{name}.json", root / "nowhere", hash_data=False)
    assert grid.name == name
    assert len(grid.different) <= len(grid.runs)


def test_the_paper_s_grid_is_the_paper_in_full(root):
    grid = read_grid(root / "bundle" / "configs" / "study" / "paper.json", root / "nowhere", hash_data=False)
    runs = [run for run in grid.runs if run.seed == 0]
    # Six networks by five methods, and two ablations on two networks.
    assert len(runs) == 6 * 5 + 2 * 2
    sizes = {run.settings["backbone"]: run.settings["image_size"] for run in runs}
    assert sizes.pop("inception_v3") == 299
    assert set(sizes.values()) == {224}
    assert {(run.settings["warm_up_epochs"], run.settings["fine_tuning_epochs"]) for run in runs} == {(10, 50)}


def test_passes_by_hand():
    settings = {"method": "dpaat", "steps": 7, "warm_up_epochs": 2, "fine_tuning_epochs": 10, "seed": 0}
    run = PlannedRun("g", "DPAAT", 0, settings, "d", "", evaluated=False)
    images = {"training": 100, "validation": 10, "test": 50}
    # Twelve epochs of two attacks of 7 passes and two training passes, and a validation attack of 7.
    assert passes(run, images) == 12 * (100 * 16 + 10 * 7)
