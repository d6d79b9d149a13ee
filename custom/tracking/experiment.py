"""The MLflow experiment that runs are recorded in."""

from __future__ import annotations

import getpass
import logging
import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from custom.files import locked
from custom.files.read_json import read_json
from custom.runs.names import MLFLOW_NAME
from custom.tracking.relocate import relocate
from custom.versions import present_commit

DATABASE = "mlruns.db"
ARTIFACTS = "mlruns"
MLFLOW_ERRORS = (MlflowException, sqlite3.Error, OSError)
"""What a server that does not answer, or a damaged database, raises."""


@dataclass(frozen=True)
class Experiment:
    """An experiment that is ready to record runs in.

    Attributes:
        client: a client of its own, so that MLflow's module-wide tracking URI stays as it is.
        id: the experiment's.
        uri: of the tracking server or database.
    """

    client: MlflowClient
    id: str
    uri: str

    def run_tags(self) -> dict[str, str]:
        """Tags of a run: who started it, and with which code."""
        return {"mlflow.user": _user(), "mlflow.source.git.commit": present_commit()}


def open_experiment(folder: Path, name: str) -> Experiment:
    """Open an experiment, in ``MLFLOW_TRACKING_URI`` if that is set, and otherwise in a database in a folder.

    A database that was copied or moved with its folder is used where it is now: MLflow stores where artifacts lie as
    absolute paths, which are corrected first. The experiment opens in MLflow's view of model training.

    Args:
        folder: the folder of all runs, with ``mlruns.db`` and the artifacts in ``mlruns``; made if missing.
        name: of the experiment.

    Returns:
        The experiment.

    Raises:
        MlflowException: if the server does not answer. So may others of ``MLFLOW_ERRORS`` be.

    Example::

        >>> import tempfile
        >>> from pathlib import Path
        >>> from custom.tracking import open_experiment
        >>> experiment = open_experiment(Path(tempfile.mkdtemp()), "robust-classification")  # doctest: +SKIP

    """
    # A database's first use is announced line by line, and an absent server is asked for minutes.
    for logger in ("alembic", "mlflow"):
        logging.getLogger(logger).setLevel(logging.WARNING)
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "3")
    folder = folder.absolute()
    database, artifacts = folder / DATABASE, (folder / ARTIFACTS).as_uri()
    server = os.environ.get("MLFLOW_TRACKING_URI")
    # Not MONAI's path_to_sqlite_uri: it escapes a space, which SQLAlchemy takes literally.
    uri = server or f"sqlite:///{database.as_posix()}"
    folder.mkdir(parents=True, exist_ok=True)
    # Two that start together would both make a new database's tables.
    with locked(folder / ".mlruns.lock"):
        if not server:
            relocate(database, artifacts)
        client = MlflowClient(uri)
        found = client.get_experiment_by_name(name)
        number = found.experiment_id if found else client.create_experiment(name, None if server else artifacts)
        client.set_experiment_tag(number, "mlflow.experimentKind", "custom_model_development")
    return Experiment(client, str(number), uri)


def first_line(error: BaseException) -> str:
    """The first line of an error's message, or its type."""
    return (str(error).splitlines() or [type(error).__name__])[0]


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def recorded_run(folder: Path) -> str | None:
    """The id of the MLflow run that a training was recorded in; ``None`` if it was not recorded."""
    try:
        return str(read_json(folder / MLFLOW_NAME)["run_id"])
    except (OSError, ValueError, KeyError):
        return None
