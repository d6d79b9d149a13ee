import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import mlflow
import pytest
from ignite.engine import Events

from custom.handlers import History, LearningCurves, MLflowRun
from custom.handlers.mlflow_run import plain_values
from custom.networks import NetworkCard

pytestmark = pytest.mark.usefixtures("mlflow_tables")

CONFIG = {
    "method": "at",
    "epsilon": 0.3,
    "resume": False,
    "network": "$1 + 1",
    "optimizer": {"lr": 1},
    "same": "@a",
}
CARD = NetworkCard(class_names=("a", "b"), image_size=(8, 8), data_sha256="da7a" * 16)


def handlers(parts):
    history = History(str(parts.output_dir), parts.evaluator)
    return [
        history,
        LearningCurves(history),
        MLflowRun(
            str(parts.output_dir),
            parts.evaluator,
            {"device": "cpu"},
            CONFIG,
            resume=parts.resume,
            datalist="data/skin/datalist.json",
            card=CARD,
            model_name="at-resnet",
        ),
    ]


@pytest.fixture
def local(tmp_path, monkeypatch):
    """A folder whose name has a space, and no server asked for."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return tmp_path / "my runs"


def client_of(folder):
    return mlflow.MlflowClient(f"sqlite:///{folder}/mlruns.db")


def runs_of(client):
    experiment = client.get_experiment_by_name("robust-classification")
    return client.search_runs(experiment.experiment_id, order_by=["attributes.start_time ASC"])


def values(client, run, metric):
    return {entry.step: entry.value for entry in client.get_metric_history(run.info.run_id, metric)}


def test_a_training_is_one_finished_run_with_all_there_is(tiny_training, local):
    parts = tiny_training(handlers, output_dir=local / "at")
    parts.trainer.run()
    client = client_of(local)
    (run,) = runs_of(client)
    assert run.info.status == "FINISHED"
    assert run.info.run_name.startswith("at-")
    expected = {"method": "at", "epsilon": "0.3", "resume": "False", "device": "cpu", "max_epochs": "2"}
    assert expected.items() <= run.data.params.items()
    assert not {"network", "optimizer", "same"} & set(run.data.params)
    for metric, engine in (("train_accuracy", parts.trainer), ("val_accuracy_clean", parts.evaluator)):
        found = values(client, run, metric)
        assert set(found) == {1, 2}
        assert found[2] == engine.state.metrics[metric]
    names = {item.path for item in client.list_artifacts(run.info.run_id)}
    assert names == {"history.csv", "learning_curves.png", "model.pt"}
    (data,) = run.inputs.dataset_inputs
    assert (data.dataset.name, data.dataset.source) == ("skin", json.dumps({"sha256": "da7a" * 16}))
    assert run.data.tags["mlflow.user"]
    assert run.data.tags["mlflow.source.git.commit"]
    (version,) = client.search_model_versions("name = 'at-resnet'")
    assert (version.run_id, int(version.version)) == (run.info.run_id, 1)
    weights = mlflow.artifacts.download_artifacts(version.source, dst_path=str(local / "copy"))
    assert Path(weights).read_bytes() == (local / "at" / "model.pt").read_bytes()


def test_every_training_is_a_run_of_its_own_and_its_continuation_is_not(tiny_training, local):
    tiny_training(handlers, output_dir=local / "at").trainer.run()
    tiny_training(handlers, output_dir=local / "sat").trainer.run()
    parts = tiny_training(handlers, epochs=4, resume=True, output_dir=local / "at")
    parts.trainer.run()
    client = client_of(local)
    first, second = runs_of(client)
    assert (first.info.status, second.info.status) == ("FINISHED", "FINISHED")
    assert set(values(client, first, "train_accuracy")) == {1, 2, 3, 4}
    assert set(values(client, second, "train_accuracy")) == {1, 2}
    assert first.data.params["resume"] == "False"  # what it began with


@pytest.mark.parametrize(("error", "status"), [(FloatingPointError("nan"), "FAILED"), (KeyboardInterrupt(), "KILLED")])
def test_a_training_that_breaks_off_ends_its_run_and_its_error_goes_on(tiny_training, local, error, status):
    parts = tiny_training(handlers, output_dir=local / "at")

    def break_off():
        raise error

    parts.trainer.add_event_handler(Events.EPOCH_STARTED(once=2), break_off)
    with pytest.raises(type(error)) as caught:
        parts.trainer.run()
    assert caught.value is error
    client = client_of(local)
    (run,) = runs_of(client)
    assert run.info.status == status
    assert set(values(client, run, "train_accuracy")) == {1}
    assert "history.csv" in {item.path for item in client.list_artifacts(run.info.run_id)}
    assert not client.search_registered_models()
    # And it can resume.
    tiny_training(handlers, resume=True, output_dir=local / "at").trainer.run()
    (run,) = runs_of(client)
    assert run.info.status == "FINISHED"


def test_making_the_handler_leaves_no_trace(tiny_training, local):
    tiny_training(handlers, output_dir=local / "at")
    assert not local.exists()


def test_plain_values_leave_expressions_and_references_out():
    assert plain_values({**CONFIG, "nothing": None}) == {"method": "at", "epsilon": 0.3, "resume": False}


def unrecorded(capsys):
    """The lines that say what MLflow did not record."""
    return [line for line in capsys.readouterr().err.splitlines() if line.startswith("warning: MLflow did not")]


def test_a_database_that_breaks_does_not_end_a_training(tiny_training, local, capsys):
    parts = tiny_training(handlers, output_dir=local / "at")
    database = local / "mlruns.db"
    parts.trainer.add_event_handler(Events.EPOCH_STARTED(once=2), lambda: database.write_bytes(b"no database" * 100))
    parts.trainer.run()
    assert parts.trainer.state.epoch == 2
    assert len(unrecorded(capsys)) == 5  # metrics of training and validation, results, model, end


def test_a_server_that_does_not_answer_is_said_before_a_training(tiny_training, tmp_path, monkeypatch):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", url)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with pytest.raises(ConnectionError, match=rf"MLflow cannot record in {url}; start the server, or correct or unset"):
        tiny_training(handlers, output_dir=tmp_path / "local" / "at").trainer.run()


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A real MLflow server on a free port of loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "mlflow",
        "server",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--workers",
        "1",
    ]
    command += [
        "--backend-store-uri",
        f"sqlite:///{tmp_path}/server.db",
        "--artifacts-destination",
        str(tmp_path / "a"),
    ]
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        env={**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(f"{url}/health", timeout=1).close()
                break
            except OSError:
                assert process.poll() is None, "the server ended"
                time.sleep(0.5)
        else:
            pytest.fail("the server did not start within two minutes")
        monkeypatch.setenv("MLFLOW_TRACKING_URI", url)
        yield process, url
    finally:
        stop(process)


def stop(process):
    # The server has children: its session is its own, so that the group can be ended.
    if process.poll() is None:
        os.killpg(process.pid, 15)
        process.wait(timeout=30)


@pytest.mark.slow
def test_a_server_gets_the_same_and_its_death_does_not_end_a_training(
    tiny_training, server, tmp_path, monkeypatch, capsys
):
    process, url = server
    parts = tiny_training(handlers, output_dir=tmp_path / "local" / "at")
    parts.trainer.run()
    client = mlflow.MlflowClient(url)
    (run,) = runs_of(client)
    assert run.info.status == "FINISHED"
    assert set(values(client, run, "val_accuracy_clean")) == {1, 2}
    names = {item.path for item in client.list_artifacts(run.info.run_id)}
    assert names == {"history.csv", "learning_curves.png", "model.pt"}
    (version,) = client.search_model_versions("name = 'at-resnet'")
    assert (version.run_id, int(version.version)) == (run.info.run_id, 1)
    assert not (tmp_path / "local" / "mlruns.db").exists()

    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    parts = tiny_training(handlers, output_dir=tmp_path / "local" / "sat")
    parts.trainer.add_event_handler(Events.EPOCH_STARTED(once=2), lambda: stop(process))
    capsys.readouterr()
    parts.trainer.run()
    assert parts.trainer.state.epoch == 2
    assert len(unrecorded(capsys)) == 5  # of the model, too

    with pytest.raises(ConnectionError, match=rf"MLflow cannot record in {url}; start the server, or correct or unset"):
        tiny_training(handlers, output_dir=tmp_path / "local" / "amat").trainer.run()
