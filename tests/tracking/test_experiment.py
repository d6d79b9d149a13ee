import shutil
import sqlite3

import pytest
from mlflow.tracking._tracking_service.utils import _artifact_repos_cache

from custom.tracking import MLFLOW_ERRORS, open_experiment, recorded_run

pytestmark = pytest.mark.usefixtures("mlflow_tables")


@pytest.fixture(autouse=True)
def _no_server(monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


def with_a_run(folder):
    """An experiment with one run and one artifact."""
    experiment = open_experiment(folder, "robust-classification")
    run_id = experiment.client.create_run(experiment.id, tags=experiment.run_tags()).info.run_id
    experiment.client.log_text(run_id, "one", "first.txt")
    return experiment, run_id


def test_a_copied_folder_records_in_its_own_place(tmp_path):
    _, run_id = with_a_run(tmp_path / "here")
    shutil.copytree(tmp_path / "here", tmp_path / "there")
    # Another process would not remember where the run's artifacts were.
    _artifact_repos_cache.clear()
    experiment = open_experiment(tmp_path / "there", "robust-classification")
    experiment.client.log_text(run_id, "two", "second.txt")
    found = {item.path for item in experiment.client.list_artifacts(run_id)}
    assert found == {"first.txt", "second.txt"}
    files = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.txt"))
    of_run = f"mlruns/{run_id}/artifacts"
    assert files == [f"here/{of_run}/first.txt", f"there/{of_run}/first.txt", f"there/{of_run}/second.txt"]
    original = open_experiment(tmp_path / "here", "robust-classification").client.get_run(run_id)
    assert original.info.artifact_uri.endswith(f"here/{of_run}")


def test_the_experiment_opens_as_model_training_and_runs_name_user_and_commit(tmp_path):
    experiment, run_id = with_a_run(tmp_path)
    tags = experiment.client.get_experiment(experiment.id).tags
    assert tags["mlflow.experimentKind"] == "custom_model_development"
    tags = experiment.client.get_run(run_id).data.tags
    assert tags["mlflow.user"]
    assert tags["mlflow.source.git.commit"]


def test_a_damaged_database_is_an_error_that_callers_expect(tmp_path):
    (tmp_path / "mlruns.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(MLFLOW_ERRORS) as caught:
        open_experiment(tmp_path, "robust-classification")
    assert isinstance(caught.value, sqlite3.DatabaseError)


def test_a_run_that_was_not_recorded(tmp_path):
    assert recorded_run(tmp_path) is None
    (tmp_path / "mlflow_run.json").write_text("{")
    assert recorded_run(tmp_path) is None
    (tmp_path / "mlflow_run.json").write_text('{"run_id": "abc"}')
    assert recorded_run(tmp_path) == "abc"
