import json

import mlflow
import pytest

from custom.evaluation import record_in_mlflow


@pytest.fixture
def folder(tmp_path):
    def intervals(value):
        return {"accuracy": {"value": value, "low": value - 0.1, "high": value + 0.1}}

    summary = {
        "model": {"name": "means", "parameters": 1},
        "data": {"images": 18},
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
    (folder / "pictures").mkdir(parents=True)
    (folder / "attacks").mkdir()
    (folder / "attacks" / "fgsm.npz").write_text("part")
    (folder / "pictures" / "curve.png").write_text("picture")
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
    assert artifacts == ["metrics.json", "pictures", "report.html"]


def test_a_server_that_is_not_there_gets_one_sentence(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with pytest.raises(ConnectionError, match="start the server, or correct or unset MLFLOW_TRACKING_URI"):
        record_in_mlflow(folder, tmp_path / "mlruns.db")
    assert (folder / "metrics.json").is_file()
