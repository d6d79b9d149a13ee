import json

import mlflow
import pytest

from scripts.results import BEGIN, END, main


@pytest.fixture
def run(tmp_path):
    """Make the output folder of a training with an evaluation in it."""

    def make(method, accuracy, **differences):
        folder = tmp_path / method
        (folder / "evaluation").mkdir(parents=True)
        config = {"method": method, "backbone": "resnet18", "image_size": 64, "seed": 0, "batch_size": 8}
        config |= {"learning_rate": 0.001, "warm_up_epochs": 1, "fine_tuning_epochs": 2, **differences}
        (folder / "config.json").write_text(json.dumps(config))
        (folder / "history.csv").write_text("epoch,val_accuracy_mean\n1,0.5\n2,0.7\n3,0.7\n")
        client = mlflow.MlflowClient(f"sqlite:///{tmp_path}/mlruns.db")
        run_id = client.create_run("0", start_time=60_000).info.run_id
        client.set_terminated(run_id, end_time=240_000)
        record = {"run_id": run_id, "tracking_uri": f"sqlite:///{tmp_path}/mlruns.db"}
        (folder / "mlflow_run.json").write_text(json.dumps(record))
        images = {"accuracy": {"value": accuracy, "low": accuracy - 0.1, "high": accuracy + 0.1}}
        parameters = {"norm": "l2", "epsilon": 0.3, "steps": 20}
        summary = {
            "model": {"name": method},
            "classes": ["a", "b"],
            "data": {"name": "small", "images": 2, "lesions": 2},
            "clean": {"images": images},
            "attacks": {"pgd20": {"images": images, "parameters": parameters}},
        }
        (folder / "evaluation" / "metrics.json").write_text(json.dumps(summary))
        return folder, summary

    return make


@pytest.fixture
def readme(tmp_path):
    path = tmp_path / "README.md"
    path.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    return path


def read_summary(monkeypatch):
    from types import SimpleNamespace

    def read(folder):
        return SimpleNamespace(summary=json.loads((folder / "evaluation" / "metrics.json").read_text()))

    monkeypatch.setattr("scripts.results.read_run", read)


def test_a_row_a_model_between_the_marks(run, readme, monkeypatch):
    read_summary(monkeypatch)
    folders = [str(run(name, value)[0]) for name, value in (("std", 0.6), ("dpaat", 0.55))]
    assert main([*folders, "--readme", str(readme)]) == 0
    text = readme.read_text()
    assert "| `std` | 60.0 (50.0 to 70.0) | 60.0 (50.0 to 70.0) | 1 + 2 | 2 | 3 |" in text
    assert "| `dpaat` | 55.0 (45.0 to 65.0) |" in text
    assert "pgd20: l2 0.3 in 20 steps" in text
    assert "old" not in text
    assert text.startswith("before\n")
    assert text.endswith("after\n")


def test_what_is_not_alike_is_not_compared(run, readme, monkeypatch, capsys):
    read_summary(monkeypatch)
    folders = [str(run("std", 0.6)[0]), str(run("at", 0.5, image_size=32)[0])]
    before = readme.read_text()
    assert main([*folders, "--readme", str(readme)]) == 1
    assert "differ in image_size" in capsys.readouterr().err
    assert readme.read_text() == before


def test_a_folder_without_a_training(tmp_path, readme, capsys):
    assert main([str(tmp_path), "--readme", str(readme)]) == 1
    assert "There is no config.json in" in capsys.readouterr().err
