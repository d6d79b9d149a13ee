"""The plan of a data set, by the command, and a training with it."""

import io

import numpy as np
import pytest
import torch
import yaml
from monai.bundle import ConfigParser
from PIL import Image
from torch import nn

from custom.cli.command_line import CommandLine
from custom.planning.document import accuracy_figure, accuracy_table, as_yaml, figure_png
from custom.planning.memory import StepMemory, saved_bytes
from custom.planning.plan import PlanOptions, make_plan
from custom.planning.radius import SmallestRadii
from scripts.plan import main

GIVEN = (("method", "at"), ("backbone", "small_resnet"))


@pytest.fixture(scope="module")
def plan(synthetic_data):
    return make_plan(PlanOptions(synthetic_data, image_size=32, given=GIVEN))


def test_a_plan_is_a_config_that_the_training_takes(plan, root, tmp_path, synthetic_data):
    file = tmp_path / "plan.yaml"
    file.write_text(as_yaml(plan, file))
    train = str(root / "bundle" / "configs" / "train.json")
    given = CommandLine((train, str(file)), {}).plain()
    assert yaml.safe_load(file.read_text()) == plan.config
    assert {key: given[key] for key in plan.config} == plan.config
    parser = ConfigParser()
    parser.read_config([train, str(file)])
    assert parser.get_parsed_content("attack").epsilon == pytest.approx(0.0429)
    parser["weights"] = None
    assert len(parser.get_parsed_content("train#dataset")) == 27
    assert parser.get_parsed_content("train#dataset")[0]["image"].shape == (3, 32, 32)


def test_every_setting_has_its_reason_above_it(plan, tmp_path):
    blocks = as_yaml(plan, tmp_path / "plan.yaml").strip().split("\n\n")
    assert all(block.startswith("# ") for block in blocks)
    keys = [block.splitlines()[-1].partition(":")[0] for block in blocks[1:]]
    assert keys == list(plan.config)
    assert {"image_size", "crop", "intensity", "epsilon", "batch_size", "balanced_sampling", "selection"} <= set(keys)
    assert "Expected: About " in blocks[0]
    assert "27 training, 3 validation, 6 test images of 3 classes: MEL, BKL, NV." in blocks[0]


def test_a_plan_with_edits_is_not_replaced(synthetic_data, tmp_path, capsys):
    (tmp_path / "plan.yaml").write_text("epsilon: 1.0\n")
    assert main([str(synthetic_data), "--output", str(tmp_path / "plan.yaml")]) == 1
    assert "already exists; --overwrite replaces it" in capsys.readouterr().err
    assert (tmp_path / "plan.yaml").read_text() == "epsilon: 1.0\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--output", "plan.json"], "a plan is a YAML file"),
        (["--image-size", "0"], "image_size must be a whole number"),
        (["--method", "dpat"], "method must be one of"),
        (["--share", "1"], "--share is 1; it must lie between 0 and 1"),
        (["--run", "nowhere"], "No checkpoint nowhere found"),
    ],
)
def test_bad_options_get_a_sentence(options, message, synthetic_data, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main([str(synthetic_data), *options]) == 1
    assert message in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_radii_are_listed_and_drawn(plan):
    radii = [
        SmallestRadii("l2", np.array([0.0, 0.1, 0.2, 0.3, 0.4])),
        SmallestRadii("linf", np.array([0, 1, 2, 3, 4.0])),
    ]
    lines = accuracy_table(radii, 32)
    assert lines[3].split() == ["80.0%", "0", "(0.00)", "0", "(0.00)"]
    # 255 * 0.2 / sqrt(3 * 32 * 32) = 0.92; 255 * 2 = 510
    assert lines[6].split() == ["40.0%", "0.2", "(0.92)", "2", "(510.00)"]
    figure = accuracy_figure(type(plan)(plan.data, plan.facts, plan.decisions, plan.estimate, radii))
    image = Image.open(io.BytesIO(figure_png(figure)))
    assert image.size[0] > image.size[1]


def test_memory_of_a_forward_pass_by_hand():
    network = nn.Sequential(nn.Flatten(), nn.Linear(12, 5), nn.Tanh(), nn.Linear(5, 2))
    # Kept are each Linear's input and Tanh's output: 12 and 5 floats, the latter once.
    assert saved_bytes(network, (3, 2, 2)) == 4 * (12 + 5)
    weights = 4 * (12 * 5 + 5 + 5 * 2 + 2)
    assert StepMemory.measure(network, (3, 2, 2), passes=2) == StepMemory(4 * weights, 2 * 68)
    assert not any(parameter.grad is not None for parameter in network.parameters())
    assert torch.is_grad_enabled()
