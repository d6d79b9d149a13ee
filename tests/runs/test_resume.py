import json

import pytest

from custom.runs.resume import check_resumed_config

BEGUN = {
    "method": "at",
    "learning_rate": 3e-4,
    "epsilon": 0.3,
    "seed": 0,
    "image_size": 64,
    "fine_tuning_epochs": 4,
    "dataset_dir": "data/one",
    "resume": False,
    "attack": {"_target_": "custom.attacks.PGD", "norm": "l2"},
    "train": {"random_transforms": [{"_target_": "RandFlipd", "prob": 0.5}]},
}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps(BEGUN))
    return tmp_path


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"learning_rate": 1e-5},
            r"began with learning_rate 0\.0003 and cannot resume with 1e-05; resume it",
        ),
        ({"epsilon": 0.5}, "began with epsilon 0.3 and cannot resume with 0.5"),
        ({"method": "sat"}, "began with method 'at' and cannot resume with 'sat'"),
        ({"seed": 1}, "seed 0 and cannot resume with 1"),
        ({"image_size": 32}, "image_size 64"),
        ({"attack": {**BEGUN["attack"], "norm": "linf"}}, "attack#norm 'l2' and cannot resume with 'linf'"),
        ({"train": {"random_transforms": [{"_target_": "RandFlipd", "prob": 0.1}]}}, "train#random_transforms#0#prob"),
        ({"train": {"random_transforms": []}}, "train#random_transforms"),
        ({"beta": 6.0}, "began with beta None and cannot resume with 6.0"),
    ],
)
def test_what_decides_the_weights_must_be_the_same(folder, change, message):
    with pytest.raises(ValueError, match=message):
        check_resumed_config(folder, {**BEGUN, **change})


def test_where_and_for_how_long_it_runs_may_change(folder):
    changes = {"fine_tuning_epochs": 8, "dataset_dir": "elsewhere", "resume": True, "device": "cpu", "num_workers": 4}
    check_resumed_config(folder, {**BEGUN, **changes})
    check_resumed_config(folder.parent, BEGUN)  # a training without a config has nothing to compare


def test_epochs_are_fixed_if_a_schedule_depends_on_them(folder):
    for schedule in ({"lr_schedule": "cosine"}, {"epsilon_schedule": 0.5}, {"method": "fat", "method_options": {}}):
        (folder / "config.json").write_text(json.dumps({**BEGUN, **schedule}))
        check_resumed_config(folder, {**BEGUN, **schedule})
        with pytest.raises(ValueError, match="began with fine_tuning_epochs 4 and cannot resume with 8"):
            check_resumed_config(folder, {**BEGUN, **schedule, "fine_tuning_epochs": 8})
    fixed = {"method": "fat", "method_options": {"tau": 1}}
    (folder / "config.json").write_text(json.dumps({**BEGUN, **fixed}))
    check_resumed_config(folder, {**BEGUN, **fixed, "fine_tuning_epochs": 8})
