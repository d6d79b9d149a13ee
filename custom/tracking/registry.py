"""Trained networks in MLflow's model registry."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mlflow import MlflowClient
from mlflow.entities import Run
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException

EXISTS = "RESOURCE_ALREADY_EXISTS"


def register_model(client: MlflowClient, run: Run, name: str, artifact: str) -> ModelVersion:
    """Register the weights of a run as the next version of a model.

    Args:
        client: of the server or database that has the run.
        run: the training.
        name: of the model; what MLflow does not take in it becomes an underscore.
        artifact: path of the weights among the run's artifacts.

    Returns:
        The version.

    Raises:
        MlflowException: if the server has no registry.
    """
    plain = re.sub(r"[/:]", "_", name)
    try:
        client.create_registered_model(plain)
    except MlflowException as error:
        if error.error_code != EXISTS:
            raise
    return client.create_model_version(plain, f"{run.info.artifact_uri}/{artifact}", run.info.run_id)


def tag_versions(client: MlflowClient, run_id: str, tags: Mapping[str, str]) -> None:
    """Tag the versions of models that come from a run.

    Args:
        client: of the server or database that has the run.
        run_id: the training's.
        tags: by name.
    """
    for version in client.search_model_versions(f"run_id = '{run_id}'"):
        for name, value in tags.items():
            client.set_model_version_tag(version.name, version.version, name, value)
