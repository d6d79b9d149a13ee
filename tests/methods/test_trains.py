"""Every method of the field trains by the config, is killed, and resumes to the same weights."""

import csv

import pytest
import torch
from ignite.engine import Events
from monai.bundle import ConfigParser
from torch import nn

from custom.data import load_datalist
from custom.networks import NetworkCard, TorchvisionClassifier, save_checkpoint

SMALL = {
    "backbone": "squeezenet1_1",
    "weights": None,
    "image_size": 32,
    "steps": 2,
    "batch_size": 7,
    "warm_up_epochs": 0,
    "fine_tuning_epochs": 2,
    "learning_rate": 0.001,
    "num_workers": 0,
    "record": False,
    "training_handlers#learning_curves#_disabled_": True,
}
# Parts of the loss, and options without which the second epoch would still be a warm-up.
METHODS = {
    "trades": ({"loss_clean", "loss_kl"}, {}),
    "mart": ({"loss_adversarial", "loss_kl"}, {}),
    "hat": ({"loss_clean", "loss_kl", "loss_helper"}, {}),
    "lbgat": ({"loss_teacher", "loss_mse"}, {}),
    "iaat": ({"loss_adversarial"}, {"warm_up": 1, "steps": 4}),
    "ima": ({"loss_adversarial", "loss_clean"}, {"steps": 4}),
    "fat": ({"loss_adversarial"}, {}),
    "mwpb": ({"loss_adversarial"}, {}),
    "cfa": ({"loss_adversarial"}, {"warm_up": 1}),
}
RADIUS_PER_SAMPLE = ("iaat", "ima", "mwpb", "cfa")


class KilledError(Exception):
    pass


@pytest.fixture(scope="module")
def teacher(tmp_path_factory):
    """The folder of a network of standard training."""
    torch.manual_seed(5)
    network = TorchvisionClassifier("squeezenet1_1", 3, weights=None)
    definition = {"_target_": "custom.networks.TorchvisionClassifier", "name": "squeezenet1_1", "num_classes": 3}
    card = NetworkCard(class_names=("a", "b", "c"), image_size=(32, 32), network={**definition, "weights": None})
    folder = tmp_path_factory.mktemp("std")
    save_checkpoint(folder / "model.pt", network, card)
    return folder


@pytest.fixture
def train(root, synthetic_data, teacher):
    """Train by the config; returns the parser, whose parts are those of the training."""

    def run(method, output, kill_in_epoch=None, **overrides):
        parser = ConfigParser()
        parser.read_config(root / "bundle" / "configs" / "train.json")
        options = {**METHODS.get(method, ((), {}))[1], **({"teacher": str(teacher)} if method == "hat" else {})}
        places = {"dataset_dir": str(synthetic_data), "output_dir": str(output), "method": method}
        few = {"train#dataset#data": load_datalist(synthetic_data, "training")[::2]}  # two mini-batches
        parser.update({**SMALL, **places, **few, "method_options": options, **overrides})
        monai_seed = "$monai.utils.set_determinism(seed=@seed)"
        parser["initialize"] = [monai_seed]
        parser.get_parsed_content("initialize")
        trainer = parser.get_parsed_content("train#trainer")
        trainer.logger.disabled = True
        if kill_in_epoch:

            def kill(_):
                raise KilledError

            in_epoch = Events.ITERATION_COMPLETED(lambda engine, _: engine.state.epoch == kill_in_epoch)
            trainer.add_event_handler(in_epoch, kill)
            with pytest.raises(KilledError):
                trainer.run()
        else:
            trainer.run()
        return parser

    return run


def state(parser):
    """All that the training leaves, as one flat dictionary of numbers and tensors."""
    network = parser.get_parsed_content("network_def").state_dict()
    optimizer = parser.get_parsed_content("optimizer").state_dict()["state"]
    method = parser.get_parsed_content("training_method").state_dict()
    flat = {f"network {name}": value for name, value in network.items()}
    flat |= {f"optimizer {index} {name}": value for index, item in optimizer.items() for name, value in item.items()}
    flat |= {f"teacher {name}": value for name, value in method.get("teacher", {}).items()}
    flat |= {f"radius {name}": value for name, value in method.get("radii", {}).get("epsilon", {}).items()}
    if "robust_accuracy" in method:
        flat["robust_accuracy"] = method["robust_accuracy"]
    averaging = parser.get_parsed_content("training_handlers#weight_averaging")
    if averaging is not None:
        flat |= {f"average {name}": value for name, value in averaging.network.state_dict().items()}
    return flat


def read_history(folder):
    """The rows of a run's history."""
    with (folder / "history.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def assert_equal(first, second):
    assert first.keys() == second.keys()
    different = [name for name in first if not torch.equal(torch.as_tensor(first[name]), torch.as_tensor(second[name]))]
    assert not different


# What neither keeps nor draws anything has less to lose.
STATELESS = ("mart", "mwpb")


@pytest.mark.parametrize(
    "method", [pytest.param(name, marks=[pytest.mark.slow] if name in STATELESS else []) for name in METHODS]
)
def test_a_method_trains_is_killed_and_resumes_to_the_same_weights(method, train, tmp_path):
    whole = train(method, tmp_path / "whole")
    trainer = whole.get_parsed_content("train#trainer")
    metrics = trainer.state.metrics
    assert metrics["loss"] > 0
    assert {name for name in metrics if name.startswith("loss_")} == METHODS[method][0]
    assert ("epsilon_mean" in metrics) == (method in RADIUS_PER_SAMPLE)
    assert 0 <= whole.get_parsed_content("validate#evaluator").state.metrics["val_accuracy_attacked"] <= 1

    train(method, tmp_path / "killed", kill_in_epoch=2)
    resumed = train(method, tmp_path / "killed", resume=True)
    assert resumed.get_parsed_content("train#trainer").state.epoch == 2
    assert_equal(state(whole), state(resumed))


def test_variants_of_dpaat_by_their_options(train, tmp_path):
    options = {"gamma_scale": 0.5, "adapted": "stable", "mean_over": "epoch", "shuffle_radii": True}
    whole = train("dpaat", tmp_path / "whole", method_options=options)
    assert options.items() <= whole.get_parsed_content("training_method").hyperparameters.items()
    train("dpaat", tmp_path / "killed", method_options=options, kill_in_epoch=2)
    assert_equal(state(whole), state(train("dpaat", tmp_path / "killed", method_options=options, resume=True)))


def test_averaged_weights_are_validated_beside_the_raw_ones_and_resume(train, tmp_path):
    whole = train("at", tmp_path / "whole", weight_averaging=0.8)
    train("at", tmp_path / "killed", weight_averaging=0.8, kill_in_epoch=2)
    assert_equal(state(whole), state(train("at", tmp_path / "killed", weight_averaging=0.8, resume=True)))
    histories = [read_history(tmp_path / name) for name in ("whole", "killed")]
    assert histories[0] == histories[1]
    for row in histories[0]:
        both = [float(row[f"val_accuracy_mean_{kind}"]) for kind in ("raw", "averaged")]
        assert float(row["val_accuracy_mean"]) == max(both)
        assert float(row["val_is_averaged"]) == (both[1] >= both[0])
    # model.pt is what the best epoch says.
    best = max(histories[0], key=lambda row: float(row["val_accuracy_mean"]))
    averaged = best["val_is_averaged"] == "1.0"
    card = (tmp_path / "whole" / "model_card.md").read_text()
    assert f"these weights: {'a moving average' if averaged else 'those at the end'}" in card
    if best is histories[0][-1]:
        saved = torch.load(tmp_path / "whole" / "model.pt", weights_only=True)["network"]
        kind = "average" if averaged else "network"
        assert all(torch.equal(value, state(whole)[f"{kind} {name}"]) for name, value in saved.items())


def test_the_tables_know_every_image(train, tmp_path):
    parser = train("ima", tmp_path / "run", fine_tuning_epochs=1)
    table = parser.get_parsed_content("training_method").radii
    assert len(table) == len(parser.get_parsed_content("train#dataset"))


def test_the_teacher_learns_and_is_not_the_network(train, tmp_path):
    parser = train("lbgat", tmp_path / "run", fine_tuning_epochs=1)
    found = state(parser)
    names = [name.removeprefix("teacher ") for name in found if name.startswith("teacher ")]
    assert names
    moved = [not torch.equal(found[f"teacher {name}"], found[f"network {name}"]) for name in names]
    assert sum(moved) > 10
    saved = torch.load(tmp_path / "run" / "model.pt", weights_only=True)["network"]
    assert set(saved) == set(parser.get_parsed_content("network_def").state_dict())


@pytest.mark.parametrize(
    "method", ["lbgat", *(pytest.param(name, marks=pytest.mark.slow) for name in ("at", "trades", "hat", "dpaat"))]
)
def test_adversarial_weight_perturbation_by_its_key(method, train, tmp_path):
    whole = state(train(method, tmp_path / "whole", awp=0.01))
    train(method, tmp_path / "killed", awp=0.01, kill_in_epoch=2)
    assert_equal(whole, state(train(method, tmp_path / "killed", awp=0.01, resume=True)))
    plain = state(train(method, tmp_path / "plain"))
    assert any(not torch.equal(plain[name], whole[name]) for name in plain if name.endswith("weight"))


@pytest.mark.parametrize(
    "method",
    ["hat", *(pytest.param(name, marks=pytest.mark.slow) for name in METHODS if name != "hat")],
)
def test_a_schedule_of_the_radius_goes_with_every_method(method, train, tmp_path):
    parser = train(method, tmp_path / "run", warm_up_epochs=1, clean_warm_up=True, epsilon_schedule=0.5)
    trainer = parser.get_parsed_content("train#trainer")
    assert trainer.state.epoch == 3
    assert parser.get_parsed_content("training_method").factor == 1.0
    parameters = parser.get_parsed_content("network_def").parameters()
    assert all(isinstance(item, nn.Parameter) and item.isfinite().all() for item in parameters)
