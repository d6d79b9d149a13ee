import json

import pytest

from custom.cli import CommandLine, check_overrides
from custom.cli.overrides import check_plain_overrides

CONFIG = {
    "method": "dpaat",
    "resume": False,
    "method_options": {},
    "warm_up_epochs": 10,
    "network_def": {"_target_": "torch.nn.Linear", "in_features": 2, "out_features": 3},
    "optimizer": {"_target_": "torch.optim.Adam", "lr": 0.1},
    "loader": {"_target_": "DataLoader", "dataset": "@nothing"},
    "train": {
        "trainer": {"max_epochs": 3},
        "handlers": [{"_target_": "StatsHandler"}, {"_target_": "EarlyStopHandler"}],
    },
}


@pytest.fixture
def check(tmp_path):
    path = tmp_path / "train.json"
    path.write_text(json.dumps(CONFIG))
    return lambda tracking=None, **overrides: check_overrides(CommandLine((str(path),), overrides, tracking))


@pytest.mark.parametrize(
    "name",
    [
        "method",
        "train#trainer#max_epochs",
        "train::trainer::max_epochs",
        "train#handlers#1",
        "train#handlers#1#_disabled_",
        "network_def#in_features",
        "network_def#bias",  # Linear takes it, though the config does not give it
        "loader#num_workers",  # a MONAI class by its short name, which takes anything
        "+train",
    ],
)
def test_ids_of_the_config_and_parameters_of_its_components_pass(check, name):
    check(**{name: 1})


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("metod", "method"),
        ("max_epochs", "train#trainer#max_epochs"),
        ("train#trainer#max_epoch", "train#trainer#max_epochs"),
        ("trian#trainer#max_epochs", "train#trainer#max_epochs"),
        ("network_def#biass", "network_def#bias"),
        ("warmup_epochs", "warm_up_epochs"),
        ("train#handlers#2", "train#handlers"),
    ],
)
def test_unknown_ids_are_refused_with_the_nearest(check, name, nearest):
    with pytest.raises(ValueError, match=rf"no '{name}' to override; the closest key is '{nearest}'"):
        check(**{name: 1})


def test_an_override_may_name_what_another_one_brought(check):
    check(**{"network_def": {"_target_": "torch.nn.Conv2d"}, "network_def#kernel_size": 3})
    with pytest.raises(ValueError, match="kernel_size"):
        check(**{"network_def#kernel_size": 3})


@pytest.mark.parametrize("check_them", [check_overrides, check_plain_overrides])
def test_a_mapping_that_the_files_leave_empty_takes_anything(tmp_path, check_them):
    path = tmp_path / "train.json"
    path.write_text(json.dumps({**CONFIG, "run": ""}))
    overrides = {"method_options#h": 2.0, "method_options::teacher": "runs/std"}
    check_them(CommandLine((str(path),), overrides, run_id="run"))
    with pytest.raises(ValueError, match="no 'method_option#h' to override"):
        check_them(CommandLine((str(path),), {"method_option#h": 2.0}, run_id="run"))


def test_tracking_brings_ids_of_its_own(check):
    check(tracking="mlflow", experiment_name="trial")
    with pytest.raises(ValueError, match="experiment_name"):
        check(experiment_name="trial")
