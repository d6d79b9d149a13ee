"""MONAI's client runs the bundle of a site: it trains, gives its weights and evaluates those of others."""

import json

import pytest
import torch
from monai.fl.client import MonaiAlgo
from monai.fl.utils.exchange_object import ExchangeObject

from custom.data import class_names, load_datalist
from custom.federated import federated_averaging, split_into_sites, write_job, write_site_bundle

ROUNDS = 2


@pytest.fixture
def bundles(root, federated_data, tiny, tmp_path):
    """The bundles of two sites, which here have the test images, too."""
    config = str(root / "bundle" / "configs" / "train.json")
    test = {"test": load_datalist(federated_data, "test")}
    return [
        write_site_bundle(tmp_path / name, [config], class_names(federated_data), {**part, **test}, tiny)
        for name, part in split_into_sites(federated_data, ["a", "b"]).items()
    ]


def client(bundle):
    """By names alone: configs/train.json and configs/evaluate.json."""
    algo = MonaiAlgo(bundle_root=str(bundle))
    algo.initialize()
    return algo


def copied(weights):
    return {name: value.clone() for name, value in weights.items()}


def test_two_sites_learn_by_averaging(bundles, federated_data, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)  # a bundle finds its own files, wherever it is run
    algos = [client(bundle) for bundle in bundles]
    start = copied(algos[0].trainer.network.state_dict())
    averaged = copied(start)
    for _ in range(ROUNDS):
        changes, steps = [], []
        for algo in algos:
            algo.train(ExchangeObject(weights=copied(averaged)))
            answer = algo.get_weights()
            changes.append(answer.weights)
            steps.append(algo.trainer.state.epoch_length)
        for name in averaged:
            # In 64 bits: a training magnifies what the order of a sum leaves in the last of 32.
            weighted = sum(change[name].double() * count for change, count in zip(changes, steps, strict=True))
            averaged[name] = (averaged[name].double() + weighted / sum(steps)).to(averaged[name].dtype)
    assert [algo.trainer.state.epoch for algo in algos] == [ROUNDS, ROUNDS]
    # Each on its own images, by DPAAT.
    for algo, bundle in zip(algos, bundles, strict=True):
        assert 0 <= algo.trainer.state.metrics["epsilon_mean"] <= 0.6
        written = json.loads((bundle / "data" / "datalist.json").read_text())
        assert len(algo.trainer.data_loader.dataset) == len(written["training"])
        assert not (bundle / "runs" / "mlruns.db").exists()
    found = algos[0].evaluate(ExchangeObject(weights=copied(averaged))).metrics
    again = algos[1].evaluate(ExchangeObject(weights=copied(averaged))).metrics
    assert found == again
    assert set(found) >= {"val_accuracy_clean", "val_accuracy_attacked", "val_accuracy_mean"}
    assert len(algos[0].evaluator.data_loader.dataset) == len(load_datalist(federated_data, "test"))

    moved = max((averaged[name] - start[name]).abs().max().item() for name in start)
    assert moved > 1e-4
    ours = federated_averaging([client(bundle) for bundle in bundles], start, ROUNDS)
    torch.testing.assert_close(ours, averaged, rtol=0, atol=1e-6)


def test_the_job_gives_images_to_sites_alone(bundles, tmp_path):
    torch.save({}, tmp_path / "start.pt")
    job = write_job(tmp_path / "job", {"a": bundles[0], "b": bundles[1]}, tmp_path / "start.pt", ROUNDS)
    deployed = json.loads((job / "meta.json").read_text())["deploy_map"]
    assert deployed == {"app_server": ["server"], "app_a": ["a"], "app_b": ["b"]}
    assert (job / "app_a" / "bundle" / "data" / "datalist.json").is_file()
    assert not (job / "app_server" / "bundle" / "data").exists()
    assert (job / "app_server" / "bundle" / "models" / "model.pt").is_file()
    with pytest.raises(FileExistsError, match="pass another output folder"):
        write_job(job, {}, tmp_path / "start.pt", ROUNDS)
