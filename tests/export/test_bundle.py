"""What an exported bundle holds, and what is refused."""

import json
import shutil
import zipfile

import pytest
import torch
from monai.bundle import ConfigParser

from scripts.export_bundle import main

from .conftest import NAME


@pytest.fixture
def copy(run, tmp_path):
    """The training's folder, to be spoilt."""
    return shutil.copytree(run, tmp_path / "run")


def export(folder, output, *more, name=NAME):
    return main(["--checkpoint", str(folder / "model.pt"), "--name", name, "--output", str(output), *more])


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
    assert "| fgsm | L∞ 1/255 | " in text
    assert "| training | " in text
    assert "{{" not in text


def test_the_archive_is_the_folder(bundle):
    with zipfile.ZipFile(bundle.with_name(f"{NAME}_v0.1.0.zip")) as archive:
        packed = {name for name in archive.namelist() if not name.endswith("/")}
        weights = archive.read(f"{NAME}/models/model.pt")
    assert packed == {path.relative_to(bundle.parent).as_posix() for path in bundle.rglob("*") if path.is_file()}
    assert weights == (bundle / "models" / "model.pt").read_bytes()
    assert not [name for name in packed if "__pycache__" in name or "quickstart" in name]


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
    torch.save(state, copy / "model.pt")
    refused(capsys, tmp_path, export(copy, tmp_path / "out"), "has no evaluation of these weights")


def test_bad_input_gets_one_sentence_and_writes_nothing(run, copy, bundle, tmp_path, capsys):
    out = tmp_path / "out"
    refused(capsys, tmp_path, export(run, out, name="a/b"), "should be of letters, digits and _")
    refused(capsys, tmp_path, export(tmp_path, out), "There is no checkpoint")
    refused(capsys, tmp_path, export(run, out, "--data", str(tmp_path)), "There is no datalist")
    refused(capsys, tmp_path, export(run, out, "--previous", str(tmp_path)), "the folder of the bundle's last version")
    refused(capsys, tmp_path, export(run, out, "--previous", str(bundle)), "Version 0.1.0 is in the changelog already")
    refused(capsys, tmp_path, export(run, bundle.parent), "is there already")
    (copy / "config.json").unlink()
    refused(capsys, tmp_path, export(copy, out), "There is no config.json in")


def test_weights_of_another_network_are_refused(copy, tmp_path, capsys):
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps({**config, "backbone": "squeezenet1_0"}))
    code = export(copy, tmp_path / "out")
    refused(capsys, tmp_path, code, "weights differ in all")
