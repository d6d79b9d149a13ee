"""The training config as a whole: every network with every method, killed and resumed, and what tools look for."""

import json
import signal
import subprocess
import sys
import time

import pytest
import torch
from monai.bundle import ConfigParser, ConfigWorkflow

from custom.acceleration import reduced_precision
from custom.inferers import adversarial_inferer
from custom.runs.folder import release
from tests.cli.programs import run_program

pytestmark = pytest.mark.usefixtures("mlflow_tables")

BACKBONES = ["resnet34", "inception_v3", "densenet121", "mobilenet_v2", "shufflenet_v2_x1_0", "squeezenet1_0"]
METHODS = ["std", "at", "sat", "amat", "dpaat", "dpaat_adaptation", "dpaat_synchronization"]
SMALL = {"weights": None, "warm_up_epochs": 0, "fine_tuning_epochs": 1, "num_workers": 0}


def load(root, data, output, **overrides):
    parser = ConfigParser()
    parser.read_config(root / "bundle" / "configs" / "train.json")
    xi = {"xi": 1.0} if overrides.get("method") == "amat" else {}
    parser.update({**SMALL, **xi, "dataset_dir": str(data), "output_dir": str(output), **overrides})
    return parser


# Each method once, on networks with and without BatchNorm and dropout; large ones find little that small ones do not.
PAIRS = [
    ("squeezenet1_0", "std"),
    ("mobilenet_v2", "at"),
    ("squeezenet1_0", "sat"),
    ("shufflenet_v2_x1_0", "amat"),
    ("mobilenet_v2", "dpaat"),
    ("shufflenet_v2_x1_0", "dpaat_adaptation"),
    ("squeezenet1_0", "dpaat_synchronization"),
]
ALL = [(backbone, method) for backbone in BACKBONES for method in METHODS]


@pytest.mark.parametrize(
    ("backbone", "method"),
    [*PAIRS, *(pytest.param(*pair, marks=pytest.mark.slow) for pair in ALL if pair not in PAIRS)],
)
def test_every_network_trains_an_epoch_in_every_method(
    backbone, method, root, synthetic_data, tmp_path, tmp_path_factory, monkeypatch
):
    # One database for all: making its tables takes longer than these trainings.
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path_factory.getbasetemp()}/mlruns.db")
    size = 80 if backbone == "inception_v3" else 48
    small = {"image_size": size, "steps": 2, "record": method in ("std", "amat")}
    parser = load(root, synthetic_data, tmp_path / "run", backbone=backbone, method=method, **small)
    network = parser.get_parsed_content("network")
    before = [parameter.detach().clone() for parameter in network.parameters()]
    trainer = parser.get_parsed_content("train#trainer")
    trainer.run()
    metrics = trainer.state.metrics
    evaluator = parser.get_parsed_content("validate#evaluator")
    assert metrics["loss"] > 0
    assert all(torch.isfinite(parameter).all() for parameter in network.parameters())
    assert sum(not torch.equal(old, new) for old, new in zip(before, network.parameters(), strict=True)) > 10
    assert 0 <= evaluator.state.metrics["val_accuracy_attacked"] <= 1
    saved = torch.load(tmp_path / "run" / "model.pt", weights_only=True)["network"]
    assert all(torch.equal(value, saved[name]) for name, value in network.state_dict().items())
    # What each method adds.
    parts = {name for name in metrics if name.startswith("loss_")}
    expected = {"loss_clean"} if method == "std" else {"loss_adversarial"}
    if method not in ("std", "at"):
        expected |= {"loss_clean"}
    if method in ("dpaat", "dpaat_synchronization"):
        expected |= {"loss_synchronization"}
    assert parts == expected
    assert ("epsilon_mean" in metrics) == (method in ("amat", "dpaat", "dpaat_adaptation"))
    if method.startswith("dpaat") and "fragile_share" in metrics:
        assert 0 <= metrics["epsilon_mean"] <= 0.6
    if method == "amat":
        radii = parser.get_parsed_content("training_method").radii
        assert len(radii) == len(parser.get_parsed_content("train#dataset"))


def test_images_of_which_only_some_have_masks_train(root, synthetic_data, tmp_path):
    content = json.loads((synthetic_data / "datalist.json").read_text())
    for split in ("training", "validation"):
        for item in content[split]:
            item["image"] = str(synthetic_data / item["image"])
            del item["mask"]
        content[split][0]["mask"] = str(synthetic_data / "datalist.json")
    (tmp_path / "datalist.json").write_text(json.dumps(content))
    parser = load(root, tmp_path, tmp_path / "run", backbone="squeezenet1_1", method="std", image_size=48)
    # Every item is first in a batch once, with its keys for all.
    parser["batch_size"] = 1
    for split in ("train", "validate"):
        assert all(
            set(batch) == {"image", "label", "image_id", "lesion_id"}
            for batch in parser.get_parsed_content(f"{split}#dataloader")
        )


def test_reduced_precision_is_for_attacks_and_training_steps(root, synthetic_data, tmp_path, monkeypatch):
    # Every processor can emulate bfloat16, which is fast enough for a few small images.
    for module in (reduced_precision, adversarial_inferer):
        monkeypatch.setattr(module, "has_hardware", lambda dtype, device: True)
    parser = ConfigParser()
    parser.read_config([root / "bundle" / "configs" / name for name in ("train.json", "reduced_precision.json")])
    parser.update({**SMALL, "dataset_dir": str(synthetic_data), "output_dir": str(tmp_path / "run"), "record": False})
    parser.update({"backbone": "mobilenet_v2", "method": "dpaat", "image_size": 48, "steps": 2})
    network = parser.get_parsed_content("network")
    dtypes = {True: set(), False: set()}
    first = next(layer for layer in network.modules() if isinstance(layer, torch.nn.Conv2d))
    first.register_forward_hook(lambda layer, inputs, output: dtypes[layer.training].add(output.dtype))
    trainer = parser.get_parsed_content("train#trainer")
    trainer.run()
    # Attacks run in evaluation mode, as do the losses that radii are built on and validation, which are of 32 bits.
    assert dtypes == {True: {torch.bfloat16}, False: {torch.bfloat16, torch.float32}}
    assert parser.get_parsed_content("validate#inferer").dtype is None
    assert trainer.state.metrics["loss"] > 0
    assert all(parameter.dtype == torch.float32 for parameter in network.parameters())
    assert all(torch.isfinite(parameter).all() for parameter in network.parameters())


def test_validation_attacks_in_evaluation_mode_whatever_training_does(root, synthetic_data, tmp_path):
    parser = load(root, synthetic_data, tmp_path / "run", method="at", attack_batch_norm="training", epsilon=0.2)
    assert parser.get_parsed_content("training_method").attack.batch_norm == "training"
    (handler,) = parser.get_parsed_content("validate#handlers")
    assert (handler.attack.batch_norm, handler.attack.epsilon) == ("evaluation", 0.2)


@pytest.mark.parametrize(("device", "amp"), [("cpu", False), ("cuda", True)])
def test_mixed_precision_is_for_gpus(root, device, amp):
    parser = ConfigParser()
    parser.read_config(root / "bundle" / "configs" / "train.json")
    parser["device"] = device
    assert parser.get_parsed_content("amp") is amp


def test_the_properties_that_tools_look_for_are_there(root, synthetic_data, tmp_path):
    workflow = ConfigWorkflow(
        str(root / "bundle" / "configs" / "train.json"),
        workflow_type="train",
        logging_file=False,
        dataset_dir=str(synthetic_data),
        output_dir=str(tmp_path),
        **SMALL,
    )
    workflow.initialize()
    assert not workflow.check_properties()


def words(data, output, *options):
    command = ["monai.bundle", "run", "training"]
    command += ["--config_file", "['bundle/configs/train.json','bundle/configs/quickstart.json']"]
    command += [
        "--dataset_dir",
        str(data),
        "--output_dir",
        str(output),
        "--method",
        "amat",
        "--xi",
        "1.0",
        "--record",
        "False",
    ]
    # Small batches make the epochs long enough to be killed in.
    command += ["--image_size", "32", "--batch_size", "2", "--warm_up_epochs", "1", "--fine_tuning_epochs", "2"]
    return [*command, *options]


def test_killed_in_mid_epoch_and_resumed_ends_with_the_same_bits(root, synthetic_data, tmp_path, monkeypatch):
    whole, killed = tmp_path / "a" / "whole", tmp_path / "b" / "killed"
    monkeypatch.chdir(root)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    process = subprocess.Popen(
        [sys.executable, "-m", *words(synthetic_data, killed)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    deadline = time.monotonic() + 300
    while not (killed / "checkpoint.pt").exists():
        assert time.monotonic() < deadline, "no checkpoint after five minutes"
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.02)
    time.sleep(0.1)  # into the second epoch
    process.send_signal(signal.SIGKILL)
    process.communicate()
    stopped_at = torch.load(killed / "checkpoint.pt", weights_only=True)["progress"]["epoch"]
    assert stopped_at < 3, "the training had ended before it was killed"
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # as in the process that was killed
    for line in (words(synthetic_data, whole), words(synthetic_data, killed, "--resume")):
        outcome = run_program(line)
        assert outcome.code == 0, outcome.stdout + outcome.stderr
    torch.set_num_threads(threads)
    for name in ("checkpoint.pt", "model.pt"):
        expected, found = (torch.load(folder / name, weights_only=True) for folder in (whole, killed))
        cards = [content.pop("card") for content in (expected, found)]
        assert cards[0] == cards[1]
        torch.testing.assert_close(found, expected, rtol=0, atol=0)
    assert (whole / "history.csv").read_text() == (killed / "history.csv").read_text()


def test_a_size_that_does_not_fit_is_one_sentence_before_the_data_are_read(root, tmp_path, monkeypatch):
    # The images of this data set cannot be read, so that reading them would be seen.
    (tmp_path / "data").mkdir()
    items = [{"image": f"none{i}.png", "label": i % 2, "image_id": str(i)} for i in range(4)]
    content = {"labels": {"0": "A", "1": "B"}, "training": items, "validation": items, "test": items}
    (tmp_path / "data" / "datalist.json").write_text(json.dumps(content))
    monkeypatch.chdir(root)
    line = f"custom.bundle run --config_file bundle/configs/train.json --dataset_dir {tmp_path}/data"
    line += f" --runs_dir {tmp_path}/runs --weights None --record False --backbone vit_b_16 --image_size 64"
    done = run_program(line)
    assert done.code == 1
    assert done.stderr.splitlines() == [
        "error: The network vit_b_16 does not take images of 3 x 64 x 64 (channels, then size): Wrong image height! "
        "Expected 224 but got 64."
    ]
    release()  # as at the end of the process
    assert not list((tmp_path / "runs").glob("*"))
