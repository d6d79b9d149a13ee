"""What an exported bundle holds, and what is refused."""

import json
import re
import shutil
import zipfile
from collections import Counter

import pytest
import torch
from monai.bundle import ConfigParser, ConfigWorkflow

from custom.networks import (
    NetworkCard,
    build_network,
    load_classifier,
    load_weights,
    read_card,
    read_checkpoint,
    save_checkpoint,
    weights_sha256,
)
from custom.runs import Run
from scripts.export_bundle import main

from .conftest import NAME


@pytest.fixture
def copy(run, tmp_path):
    """The training's folder, to be spoilt."""
    return shutil.copytree(run, tmp_path / "run")


def export(folder, output, *more, name=NAME):
    return main([str(folder), "--name", name, "--output", str(output), *more])


def test_weights_are_those_of_the_training(run, bundle):
    trained = torch.load(run / "model.pt", weights_only=True)["network"]
    exported = torch.load(bundle / "models" / "model.pt", weights_only=True)
    assert exported.keys() == trained.keys()
    assert all(torch.equal(value, trained[key]) for key, value in exported.items())


def test_configs_have_the_settings_of_the_training(bundle):
    train = json.loads((bundle / "configs" / "train.json").read_text())
    found = {key: train[key] for key in ("method", "backbone", "image_size", "epsilon", "steps", "seed", "batch_size")}
    assert found == {
        "method": "at",
        "backbone": "squeezenet1_1",
        "image_size": 48,
        "epsilon": 0.2,
        "steps": 2,
        "seed": 3,
        "batch_size": 8,
    }
    assert train["dataset_dir"] == "$@bundle_root + '/data'"
    assert train["class_names"] == ["MEL", "BKL", "NV"]
    inference = json.loads((bundle / "configs" / "inference.json").read_text())
    assert "trained" not in inference
    assert inference["attack"]["epsilon"] == 0.2
    stability = inference["stability_attack"]
    assert [stability[key] for key in ("epsilon", "step_size", "steps")] == [0.2, 0.1, 2]


def test_training_starts_from_the_weights_of_the_bundle(bundle, monkeypatch):
    monkeypatch.chdir(bundle)
    parser = ConfigParser()
    parser.read_config("configs/train.json")
    given = torch.load("models/model.pt", weights_only=True)
    state = parser.get_parsed_content("network_def").state_dict()
    assert all(torch.equal(value, given[key]) for key, value in state.items())


def test_metadata_has_the_figures_of_the_evaluation(run, bundle):
    summary = json.loads((run / "evaluation" / "metrics.json").read_text())
    metadata = json.loads((bundle / "configs" / "metadata.json").read_text())
    expected = {
        "clean": round(summary["clean"]["images"]["accuracy"]["value"], 4),
        "fgsm": round(summary["attacks"]["fgsm"]["images"]["accuracy"]["value"], 4),
    }
    assert metadata["eval_metrics"] == metadata["robustness"]["accuracy"] == expected
    attack = {key: metadata["robustness"][key] for key in ("norm", "epsilon", "step_size", "steps", "method")}
    assert attack == {"norm": "l2", "epsilon": 0.2, "step_size": 0.1, "steps": 2, "method": "at"}


def test_the_tables_of_the_readme_are_filled(run, bundle):
    text = (bundle / "docs" / "README.md").read_text()
    summary = json.loads((run / "evaluation" / "metrics.json").read_text())
    clean = f"{100 * summary['clean']['images']['accuracy']['value']:.1f} %"
    assert f"| clean | none | {clean} (" in text
    assert "| fgsm | ℓ∞ 1/255 | " in text
    assert "| training | " in text
    assert "{{" not in text


def test_the_archive_is_the_folder(bundle):
    with zipfile.ZipFile(bundle.with_name(f"{NAME}_v0.1.0.zip")) as archive:
        packed = {name for name in archive.namelist() if not name.endswith("/")}
        weights = archive.read(f"{NAME}/models/model.pt")
    assert packed == {path.relative_to(bundle.parent).as_posix() for path in bundle.rglob("*") if path.is_file()}
    assert weights == (bundle / "models" / "model.pt").read_bytes()
    assert not [name for name in packed if "__pycache__" in name or "quickstart" in name or "explorer" in name]


def test_a_new_version_goes_on_with_the_changelog(run, bundle, tmp_path):
    more = ("--version", "0.2.0", "--changes", "longer training", "--previous", str(bundle), "--title", "Lesions")
    assert export(run, tmp_path, *more) == 0
    metadata = json.loads((tmp_path / NAME / "configs" / "metadata.json").read_text())
    assert metadata["changelog"] == {"0.2.0": "longer training", "0.1.0": "first version"}
    assert (metadata["version"], metadata["name"]) == ("0.2.0", "Lesions")
    assert (tmp_path / f"{NAME}_v0.2.0.zip").is_file()


def refused(capsys, tmp_path, code, sentence):
    assert code == 1
    error = capsys.readouterr().err
    assert sentence in error
    assert len(error.splitlines()) == 1
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())


def test_weights_that_were_not_evaluated_are_refused_unless_told_otherwise(copy, tmp_path, capsys):
    shutil.rmtree(copy / "evaluation")
    refused(capsys, tmp_path, export(copy, tmp_path / "out"), "has no evaluation of these weights")
    assert export(copy, tmp_path / "out", "--without-evaluation") == 0
    bundle = tmp_path / "out" / NAME
    assert "were not evaluated" in (bundle / "docs" / "README.md").read_text()
    assert json.loads((bundle / "configs" / "metadata.json").read_text())["eval_metrics"] == {}


def test_an_evaluation_of_other_weights_does_not_count(copy, tmp_path, capsys):
    state = torch.load(copy / "model.pt", weights_only=True)
    state["network"]["mean"] += 0.1
    # As another training saves them: with their own hash.
    state["card"]["weights_sha256"] = weights_sha256(state["network"])
    torch.save(state, copy / "model.pt")
    refused(capsys, tmp_path, export(copy, tmp_path / "out"), "has no evaluation of these weights")


def test_bad_input_gets_one_sentence_and_writes_nothing(run, copy, bundle, tmp_path, capsys):
    out = tmp_path / "out"
    refused(capsys, tmp_path, export(run, out, name="a/b"), "should be of letters, digits and _")
    refused(capsys, tmp_path, export(tmp_path, out), "No checkpoint")
    refused(capsys, tmp_path, export(run, out, "--data", str(tmp_path)), "No datalist")
    refused(capsys, tmp_path, export(run, out, "--previous", str(tmp_path)), "the folder of the bundle's last version")
    refused(capsys, tmp_path, export(run, out, "--previous", str(bundle)), "Version 0.1.0 is already in the changelog")
    refused(capsys, tmp_path, export(run, bundle.parent), "already exists")
    (copy / "config.json").unlink()
    refused(capsys, tmp_path, export(copy, out), "No config.json found in")


def test_weights_of_another_network_are_refused(copy, tmp_path, capsys):
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps({**config, "backbone": "squeezenet1_0"}))
    # Without their card, which says what network the weights are of.
    torch.save({"network": read_checkpoint(copy / "model.pt").weights}, copy / "model.pt")
    code = export(copy, tmp_path / "out", "--without-evaluation")
    refused(capsys, tmp_path, code, "weights differ in all")


EVIL = ("$__import__('pathlib').Path('ran').touch()", "@seed", "%train.json#imports", "a@#b", '"|<i>')
NETWORK = {"_target_": "custom.networks.TorchvisionClassifier", "name": "squeezenet1_1", "num_classes": 3}


def with_card(folder, names, definition=NETWORK):
    """Put a network of random weights into a run, with a card that says other classes than the datalist."""
    definition = {**definition, "num_classes": len(names)} if "num_classes" in definition else definition
    save_checkpoint(folder / "model.pt", build_network(definition), NetworkCard(names, (48, 48), network=definition))


def test_class_names_that_look_like_code_are_names(copy, tmp_path, monkeypatch):
    with_card(copy, EVIL)
    assert export(copy, tmp_path / "out", "--without-evaluation") == 0
    bundle = tmp_path / "out" / NAME
    monkeypatch.chdir(bundle)
    for kind in ("train", "inference"):
        workflow = ConfigWorkflow(
            f"configs/{kind}.json", workflow_type=kind, meta_file="configs/metadata.json", logging_file=False
        )
        workflow.initialize()
        assert workflow.parser.get_parsed_content("class_names") == list(EVIL)
        assert tuple(workflow.channel_def.values()) == EVIL
        workflow.parser.get_parsed_content("_meta_")
    assert not list(tmp_path.rglob("ran"))
    labels = re.search(r'"labels": (.*),$', (bundle / "docs" / "README.md").read_text(), re.MULTILINE)[1]
    assert json.loads(labels) == {str(index): name for index, name in enumerate(EVIL)}


def test_classes_are_those_of_the_card_whatever_the_datalist_says_today(run, copy, tmp_path):
    counts = Counter(item["label"] for item in Run.read(run).datalist["training"])
    with_card(copy, ("NV", "MEL", "BKL"))
    assert export(copy, tmp_path / "out", "--without-evaluation") == 0
    bundle = tmp_path / "out" / NAME
    assert json.loads((bundle / "configs" / "inference.json").read_text())["class_names"] == ["NV", "MEL", "BKL"]
    metadata = json.loads((bundle / "configs" / "metadata.json").read_text())
    assert metadata["network_data_format"]["outputs"]["pred"]["channel_def"] == {"0": "NV", "1": "MEL", "2": "BKL"}
    assert metadata["label_classes"] == "0 NV, 1 MEL, 2 BKL"
    readme = (bundle / "docs" / "README.md").read_text()
    assert "| split | NV | MEL | BKL |" in readme
    # The datalist numbers MEL, BKL, NV.
    assert f"| training | {counts[2]} | {counts[0]} | {counts[1]} |" in readme


def test_the_card_lies_beside_the_weights_and_is_compared_with_the_configs(bundle, tmp_path):
    card = read_card(bundle)
    state = torch.load(bundle / "models" / "model.pt", weights_only=True)
    assert card.weights_sha256 == weights_sha256(state)
    assert (card.class_names, card.image_size) == (("MEL", "BKL", "NV"), (48, 48))
    network = load_classifier(bundle, 3, (3, 48, 48))
    assert weights_sha256(network.classifier.state_dict()) == card.weights_sha256
    parser = ConfigParser()
    parser.read_config(bundle / "configs" / "inference.json")
    parser.update({"bundle_root": str(bundle), "class_names": ["BKL", "MEL", "NV"], "device": "cpu"})
    with pytest.raises(RuntimeError) as caught:
        parser.get_parsed_content("network")
    assert "was trained with class_names MEL, BKL, NV, not BKL, MEL, NV" in str(caught.value.__cause__)


def test_a_network_that_an_override_gave_to_the_training_is_the_bundle_s(copy, tmp_path):
    densenet = {"_target_": "monai.networks.nets.DenseNet", "spatial_dims": 2, "in_channels": 3, "out_channels": 3}
    densenet |= {"init_features": 8, "growth_rate": 4, "block_config": [2, 2]}
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps({**config, "network_def": densenet}))
    with_card(copy, ("MEL", "BKL", "NV"), densenet)
    assert export(copy, tmp_path / "out", "--without-evaluation") == 0
    bundle = tmp_path / "out" / NAME
    metadata = json.loads((bundle / "configs" / "metadata.json").read_text())
    assert metadata["description"].startswith("DenseNet for 3 classes")
    for kind in ("train", "inference"):
        parser = ConfigParser()
        parser.read_config(bundle / "configs" / f"{kind}.json")
        network = parser.get_parsed_content("network_def")
        assert type(network).__name__ == "DenseNet"
        load_weights(network, bundle / "models" / "model.pt")
    assert "DenseNet maps an RGB image" in (bundle / "docs" / "README.md").read_text()


def test_a_network_that_answers_nan_is_not_exported(copy, tmp_path, capsys):
    network = build_network(NETWORK)
    network.std.zero_()
    save_checkpoint(copy / "model.pt", network, NetworkCard(("MEL", "BKL", "NV"), (48, 48), network=NETWORK))
    code = export(copy, tmp_path / "out", "--without-evaluation")
    refused(capsys, tmp_path, code, "returns NaN or infinity for plain images")


def test_a_flipped_byte_in_the_weights_is_refused(copy, tmp_path, capsys):
    content = bytearray((copy / "model.pt").read_bytes())
    content[len(content) // 2] ^= 1
    (copy / "model.pt").write_bytes(content)
    refused(capsys, tmp_path, export(copy, tmp_path / "out", "--without-evaluation"), "is damaged: the checksum")
