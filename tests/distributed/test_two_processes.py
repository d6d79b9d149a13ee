"""Two processes with half of each mini-batch do what one does with the whole."""

import csv
import json
import os
import subprocess
import sys

import pytest
import torch
from monai.bundle import ConfigWorkflow
from torch import nn

from tests.distributed import worker
from tests.runs.complete import assert_complete

ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "MLFLOW_DISABLE_TELEMETRY": "true"}
ENVIRONMENT.pop("MLFLOW_TRACKING_URI", None)
TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nnodes=1", "--nproc_per_node=2"]

OTHERS = ("std", "at", "sat", "dpaat_adaptation", "dpaat_synchronization", "fat", "mwpb")
"""Methods beside those whose radii the tests look at. TRADES, MART, HAT and LBGAT attack from noise, of which each
process draws its own."""


@pytest.fixture(scope="module")
def output(tmp_path_factory):
    return tmp_path_factory.mktemp("two")


@pytest.fixture(scope="module")
def two(root, synthetic_data, output):
    """The results of both processes."""
    command = [*TORCHRUN, "-m", "tests.distributed.worker", str(synthetic_data), str(output)]
    ended = subprocess.run(command, cwd=root, env=ENVIRONMENT, capture_output=True, text=True, timeout=600)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return [torch.load(output / f"results-{rank}.pt", weights_only=True) for rank in (0, 1)]


@pytest.fixture(scope="module")
def one(synthetic_data, tmp_path_factory):
    """The results of one process alone, with the same configs."""
    scenarios = [worker.dpaat, worker.amat, worker.iaat, worker.ima, worker.cfa, worker.weight_perturbation]
    scenarios += [worker.sums, worker.batch_norm, worker.attack, worker.draws]
    return worker.run(synthetic_data, tmp_path_factory.mktemp("one"), scenarios)


@pytest.mark.parametrize(
    ("method", "different_radii"),
    [("dpaat", 4), ("amat", 3), ("iaat", 4), ("ima", 2), ("cfa", 3), ("weight_perturbation", 0)],
)
def test_the_training_is_the_same(method, different_radii, one, two):
    whole = one[method]
    assert_the_same(whole, [results[method] for results in two])
    assert len({round(radius, 4) for radii in whole["radii"] for radius in radii.values()}) >= different_radii


def assert_the_same(whole, parts):
    """Two processes' training is that of one with whole batches."""
    assert whole["wrapped"] == "TorchvisionClassifier"
    assert {part["wrapped"] for part in parts} == {"DistributedDataParallel"}
    # Each mini-batch is shared out, and no image comes twice in an epoch.
    for all_ids, *ids in zip(whole["ids"], *(part["ids"] for part in parts), strict=True):
        assert sorted(all_ids) == sorted([*ids[0], *ids[1]])
        assert [len(some) for some in ids] == [4, 4]
    losses = torch.tensor([part["losses"] for part in parts]).mean(0)
    torch.testing.assert_close(losses, torch.tensor(whole["losses"]), rtol=0, atol=1e-5)
    for expected, *found in zip(whole["radii"], *(part["radii"] for part in parts), strict=True):
        assert {**found[0], **found[1]} == pytest.approx(expected, abs=1e-5)
    for part in parts:
        assert list(part["weights"]) == list(whole["weights"])
        torch.testing.assert_close(part["weights"], whole["weights"], rtol=0, atol=1e-5)
        assert part["metrics"] == pytest.approx(whole["metrics"], abs=1e-5)
        # Three images for two processes: each is counted once.
        assert part["validation"] == pytest.approx(whole["validation"])
        assert part["table"] == pytest.approx(whole["table"], abs=1e-5)
        torch.testing.assert_close(part["robust_accuracy"], whole["robust_accuracy"])
    torch.testing.assert_close(parts[0]["weights"], parts[1]["weights"], rtol=0, atol=0)


@pytest.mark.slow
def test_every_other_method_trains_the_same(root, synthetic_data, tmp_path):
    output = tmp_path / "two"
    command = [*TORCHRUN, "-m", "tests.distributed.worker", str(synthetic_data), str(output), *OTHERS]
    output.mkdir()
    ended = subprocess.run(command, cwd=root, env=ENVIRONMENT, capture_output=True, text=True, timeout=900)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    two = [torch.load(output / f"results-{rank}.pt", weights_only=True) for rank in (0, 1)]
    one = worker.train_each(synthetic_data, tmp_path / "one", OTHERS)
    for method in OTHERS:
        assert_the_same(one[method], [results[method] for results in two])


def test_a_teacher_that_is_trained_along_is_the_same_in_every_process(two):
    teachers = [results["lbgat"]["teacher"] for results in two]
    assert teachers[0]
    torch.testing.assert_close(teachers[0], teachers[1], rtol=0, atol=0)
    weights = [results["lbgat"]["weights"] for results in two]
    torch.testing.assert_close(weights[0], weights[1], rtol=0, atol=0)
    assert any(not torch.equal(teachers[0][name], weights[0][name]) for name in weights[0])


@pytest.mark.parametrize("method", ["amat", "iaat", "ima"])
def test_the_table_of_radii_is_whole_in_every_process(method, two):
    tables = [results[method]["table"] for results in two]
    assert tables[0] == tables[1]
    assert len(tables[0]) == worker.IMAGES


def test_a_resumed_training_ends_with_the_same_weights(two):
    for results in two:
        whole, resumed = results["amat"], results["amat_resumed"]
        assert resumed["losses"] == whole["losses"][-len(resumed["losses"]) :]
        torch.testing.assert_close(resumed["weights"], whole["weights"], rtol=0, atol=0)
        assert resumed["table"] == whole["table"]


def test_all_processes_stop_together(two):
    assert [results["stopped_early"]["epochs"] for results in two] == [3, 3]


def test_only_the_first_process_writes(output, two):
    assert (output / "dpaat-0" / "model.pt").is_file()
    assert not (output / "dpaat-1").exists()
    saved = torch.load(output / "dpaat-0" / "checkpoint.pt", weights_only=True)["network"]
    assert list(saved) == list(two[0]["dpaat"]["weights"])


@pytest.mark.usefixtures("unsaved_figures")
def test_the_command_of_the_readme(output, two, tmp_path):
    assert all(results["command_line"]["alone"] for results in two)
    assert [path.name for path in (output / "runs").glob("dpaat*")] == ["dpaat-small_resnet"]
    folder = output / "runs" / "dpaat-small_resnet"
    rows = list(csv.DictReader((folder / "history.csv").open()))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    # Three of the 27 images would be left over from three mini-batches of eight; one is not drawn in an epoch.
    assert json.loads((folder / "config.json").read_text())["batch_size"] == 8
    assert torch.load(folder / "checkpoint.pt", weights_only=True)["progress"]["epoch_length"] == 4
    assert_complete(folder, tmp_path)


def test_sums_are_over_all_samples(one, two):
    assert one["sums"] == two[0]["sums"] == two[1]["sums"] == {"mean": 4.0, "moments": (4, 4.0, 12.5)}


def test_processes_exchange_what_has_changed(two):
    first = {"both": 0.1, "none": 0.7, "own0": 0.5, "own1": 0.75}
    for results in two:
        assert results["exchange"] == {"first": first, "second": {**first, "both": 0.25}}


def test_batch_norm_is_that_of_the_whole_batch(one, two):
    parts = [results["batch_norm"] for results in two]
    for key in ("output", "gradient"):
        torch.testing.assert_close(torch.cat([part[key] for part in parts]), one["batch_norm"][key])
    layer = nn.Sequential(nn.BatchNorm1d(4))
    assert list(layer.state_dict()) == list(parts[0]["state"])
    for part in parts:
        torch.testing.assert_close(part["state"], one["batch_norm"]["state"])


def test_attacks_wait_for_nobody_and_leave_no_gradients(one, two):
    for results in two:
        torch.testing.assert_close(results["attack"]["images_adv"], one["attack"]["images_adv"])
        assert results["attack"]["untouched"]
        assert results["attack"]["reached"]


def test_an_error_of_one_process_is_that_of_all(two):
    for rank, results in enumerate(two):
        assert results["errors"] == {
            "loss": "FloatingPointError: The loss is nan in epoch 2, iteration 2 of 3; "
            "the images of that mini-batch: image1. Images, weights and outputs are finite: it is the loss that "
            "is not.",
            "decision": "FileExistsError: process 0 complains.",
            "share": "ValueError: batch_size 7 is that of all 2 processes together, so it must be a multiple of 2.",
            "training_mode": "ValueError: The batch_norm mode of an attack must be 'evaluation' if several "
            "processes train together.",
            "decided": "by process 0",
        }, rank


def test_processes_augment_differently_and_the_first_as_if_alone(one, two):
    draws = [results["draws"]["draws"] for results in two]
    assert draws[0] == one["draws"]["draws"]
    assert not set(draws[0]) & set(draws[1])


@pytest.mark.slow
def test_a_mistake_is_reported_once(root, synthetic_data, tmp_path):
    configs = "['bundle/configs/train.json','bundle/configs/quickstart.json','bundle/configs/multi_gpu_train.json']"
    command = [*TORCHRUN, "-m", "custom.bundle", "run", "training", "--config_file", configs, "--dataset_dir"]
    command += [str(synthetic_data), "--output_dir", str(tmp_path / "run"), "--metod", "at"]
    ended = subprocess.run(command, cwd=root, env=ENVIRONMENT, capture_output=True, text=True, timeout=300)
    assert ended.returncode != 0
    assert ended.stderr.count("error: ") == 1, ended.stderr
    assert "Interrupted" not in ended.stderr


def test_the_properties_that_tools_look_for_are_there(root, synthetic_data, tmp_path):
    workflow = ConfigWorkflow(
        [str(root / "bundle" / "configs" / name) for name in ("train.json", "multi_gpu_train.json")],
        workflow_type="train",
        logging_file=False,
        dataset_dir=str(synthetic_data),
        output_dir=str(tmp_path),
        weights=None,
    )
    workflow.initialize()
    assert not workflow.check_properties()
