"""Each form of data goes from files to an evaluation report: preparation, training, evaluation."""

import json
import shlex

import pytest
from monai.bundle import ConfigWorkflow

pytest.importorskip("pydicom", reason="pydicom reads DICOM")

from custom.data import class_names
from scripts.prepare import main
from tests.cli.programs import run_verb
from tests.scripts.forms import FORMS, VOLUME_FORMS, class_folders

BRIEF = {
    "attacks": ["fgsm"],
    "check_images": 0,
    "curve_images": 0,
    "corruption_images": 0,
    "resamples": 10,
    "record": False,
    "device": "cpu",
}
SMALL = {
    "backbone": "small_resnet",
    "method": "at",
    "image_size": 32,
    "steps": 2,
    "warm_up_epochs": 0,
    "fine_tuning_epochs": 1,
    "num_workers": 0,
    "batch_size": 16,
    "record": False,
    "device": "cpu",
}


def run_workflow(configs, run_id, **values):
    workflow = ConfigWorkflow(
        list(map(str, configs)), workflow_type="train", run_id=run_id, logging_file=False, **values
    )
    workflow.initialize()
    workflow.run()
    workflow.finalize()


def check_report(folder, classes, images):
    metrics = json.loads((folder / "evaluation" / "metrics.json").read_text())
    assert metrics["classes"] == classes
    assert metrics["data"]["images"] == images
    recalls = [metrics["clean"]["images"][f"recall_{name}"]["value"] for name in classes]
    balanced = metrics["clean"]["images"]["recall"]["value"]
    assert balanced == pytest.approx(sum(recalls) / len(recalls))
    page = (folder / "evaluation" / "report.html").read_text()
    assert all(name in page for name in ("Balanced accuracy", *classes))


@pytest.mark.slow
@pytest.mark.parametrize("make", [*FORMS, *VOLUME_FORMS])
def test_from_files_to_a_report(make, root, tmp_path, monkeypatch):
    arguments, images = make(tmp_path / "in")
    assert main([*map(str, arguments), "--output", str(tmp_path / "data")]) == 0
    configs = root / "bundle" / "configs"
    run = tmp_path / "run"
    volumes = "spacing" in json.loads((tmp_path / "data" / "datalist.json").read_text())
    size = {"image_size": 12} if volumes else {}
    values = {**SMALL, **size, "dataset_dir": str(tmp_path / "data"), "output_dir": str(run), "weights": "none"}
    run_workflow([configs / f"{name}.json" for name in ("train", *["volume"] * volumes)], "training", **values)
    evaluating = [run / "config.json", configs / "evaluate.json"]
    run_workflow(evaluating, "evaluating", checkpoint=str(run / "model.pt"), **BRIEF)
    check_report(run, class_names(tmp_path / "data"), images["test"])


def command(*words):
    run_verb(shlex.join(map(str, words)))


def options_of(values):
    return [word for key, value in values.items() for word in (f"--{key}", str(value))]


@pytest.mark.usefixtures("unsaved_figures")
def test_from_files_to_a_report_by_the_commands(tmp_path, monkeypatch):
    """Class folders, by the two commands that the documentation has, with a plan between them."""
    (source, *arguments), images = class_folders(tmp_path / "in")
    assert main([str(source), *arguments, "--output", str(tmp_path / "data")]) == 0
    monkeypatch.chdir(tmp_path)
    plan = ["--backbone", "small_resnet", "--method", "at", "--image-size", 32, "--output", "plan.yaml"]
    command("plan", "data", *plan)
    small = {key: value for key, value in SMALL.items() if key not in ("backbone", "method", "image_size")}
    small |= {"weights": "None", "output_dir": "run"}
    command("train", "--data", "data", "--config", "plan.yaml", *options_of(small))
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    assert (config["backbone"], config["image_size"], config["epsilon"]) == ("small_resnet", 32, 0.0429)
    command("evaluate", "run", *options_of(BRIEF))
    check_report(tmp_path / "run", ["benign", "malignant"], images["test"])
