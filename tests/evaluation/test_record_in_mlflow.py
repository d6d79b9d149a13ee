import json

import mlflow
import pytest

from custom.evaluation import record_in_mlflow

pytestmark = pytest.mark.usefixtures("mlflow_tables")


@pytest.fixture
def folder(tmp_path):
    def intervals(value):
        return {"accuracy": {"value": value, "low": value - 0.1, "high": value + 0.1}}

    summary = {
        "schema": 2,
        "reproduce": {"commit": "c0ffee"},
        "model": {"name": "means", "parameters": 1},
        "data": {"name": "margins", "images": 18, "sha256": "da7a" * 16},
        "clean": {"images": intervals(0.8), "rounded": intervals(0.7)},
        "attacks": {},
        "radii": [
            {
                "attack": "fgsm",
                "epsilon": 0.1,
                "parameters": {"attack": "FGSM", "epsilon": 0.1},
                "images": intervals(0.5),
                "rounded": intervals(0.6),
            }
        ],
        "robust_accuracy": [{"norm": "linf", "epsilon": 0.1, **intervals(0.45)["accuracy"]}],
        "checks": [{"passed": False}, {"passed": True}],
    }
    folder = tmp_path / "evaluation"
    (folder / "figures").mkdir(parents=True)
    (folder / "attacks").mkdir()
    (folder / "attacks" / "fgsm.npz").write_text("part")
    (folder / "figures" / "curve.png").write_text("figure")
    (folder / "report.html").write_text("report")
    (folder / "metrics.json").write_text(json.dumps(summary))
    return folder


def test_everything_is_in_one_finished_run(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    first, second = (record_in_mlflow(folder, tmp_path / "new" / "mlruns.db") for _ in range(2))
    assert first != second
    assert mlflow.active_run() is None
    client = mlflow.MlflowClient(f"sqlite:///{tmp_path / 'new' / 'mlruns.db'}")
    runs = [client.get_run(run_id) for run_id in (first, second)]
    assert {run.info.status for run in runs} == {"FINISHED"}
    assert len({run.info.run_name for run in runs}) == 2
    metrics = runs[0].data.metrics
    assert metrics["clean/accuracy"] == pytest.approx(0.8)
    assert metrics["fgsm/0.1/accuracy"] == pytest.approx(0.5)
    assert metrics["fgsm/0.1/accuracy_low"] == pytest.approx(0.4)
    assert metrics["fgsm/0.1/rounded/accuracy"] == pytest.approx(0.6)
    assert metrics["robust_accuracy"] == metrics["robust_accuracy/linf/0.1"] == pytest.approx(0.45)
    assert metrics["checks_failed"] == 1
    assert runs[0].data.params["fgsm/0.1/epsilon"] == "0.1"
    artifacts = [item.path for item in client.list_artifacts(first)]
    assert artifacts == ["figures", "metrics.json", "report.html"]
    assert runs[0].data.tags["mlflow.source.git.commit"]
    (data,) = runs[0].inputs.dataset_inputs
    assert data.dataset.name == "margins"
    experiment = client.get_experiment_by_name("robust-classification")
    assert experiment.tags["mlflow.experimentKind"] == "custom_model_development"


def test_a_training_can_be_sorted_by_the_robust_accuracy_of_its_evaluation(folder, tmp_path, monkeypatch):
    """Also if the project was moved since, so that the tracking URI on record is another."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    run = tmp_path / "runs" / "at"
    run.mkdir(parents=True)
    folder.rename(run / "evaluation")
    client = mlflow.MlflowClient(f"sqlite:///{tmp_path}/runs/mlruns.db")
    training = client.create_run(client.create_experiment("robust-classification")).info.run_id
    (run / "mlflow_run.json").write_text(json.dumps({"run_id": training, "tracking_uri": "sqlite:////elsewhere/x.db"}))
    client.create_registered_model("at-resnet")
    client.create_model_version("at-resnet", str(run / "model.pt"), training)
    child = record_in_mlflow(run / "evaluation", tmp_path / "other" / "mlruns.db")
    assert client.get_run(child).data.tags["mlflow.parentRunId"] == training
    experiments = [client.get_experiment_by_name("robust-classification").experiment_id]
    (best,) = client.search_runs(experiments, "metrics.test_accuracy > 0", order_by=["metrics.robust_accuracy DESC"])
    assert best.info.run_id == training
    assert best.data.metrics == {"robust_accuracy": pytest.approx(0.45), "test_accuracy": pytest.approx(0.8)}
    (version,) = client.search_model_versions("name = 'at-resnet'")
    assert version.tags["robust_accuracy"] == "0.4500"
    assert version.tags["robust_accuracy.ball"] == "linf 0.1"
    assert not (tmp_path / "other").exists()


def test_any_class_name_is_recorded(folder, tmp_path, monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    names = [
        "Nevus (benign)",
        "BCC/SCC",
        "BCC,SCC",
        "L\u00e4sion, <5 mm | a&b",
        "$x^2$",
        "..",
        "a//b",
        "=1+1",
        "x" * 300,
    ]
    summary = json.loads((folder / "metrics.json").read_text())
    recalls = {f"recall_{name}": {"value": 0.01 * index, "low": 0, "high": 1} for index, name in enumerate(names)}
    summary["clean"]["images"] |= recalls
    (folder / "metrics.json").write_text(json.dumps(summary))
    run_id = record_in_mlflow(folder, tmp_path / "mlruns.db")
    metrics = mlflow.MlflowClient(f"sqlite:///{tmp_path}/mlruns.db").get_run(run_id).data.metrics
    found = {
        name: value for name, value in metrics.items() if "recall" in name and not name.endswith(("_low", "_high"))
    }
    assert sorted(found.values()) == pytest.approx([0.01 * index for index in range(len(names))])
    assert found["clean/recall_Nevus _benign_"] == 0


@pytest.mark.parametrize("trouble", ["server", "damaged"])
def test_a_server_that_is_not_there_and_a_damaged_database_cost_records_and_a_warning(
    folder, tmp_path, monkeypatch, capsys, trouble
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    if trouble == "server":
        monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    else:
        (tmp_path / "mlruns.db").write_text("no database at all " * 100)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert record_in_mlflow(folder, tmp_path / "mlruns.db") is None
    warning = capsys.readouterr().err
    assert warning.startswith("warning: MLflow did not record the evaluation (")
    assert len(warning.splitlines()) == 1
    assert before == {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
