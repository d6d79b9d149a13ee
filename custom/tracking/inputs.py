"""The data sets of a run, as MLflow lists them."""

from __future__ import annotations

import json
from pathlib import Path

from mlflow.entities import Dataset, DatasetInput, InputTag

LONGEST_DIGEST = 36


def data_input(name: str, sha256: str, context: str) -> DatasetInput:
    """A data set that is identified by the hash of its files.

    Args:
        name: what to call it.
        sha256: of its files; MLflow shows the first 36 digits.
        context: what it is used for, such as ``"training"``.
    """
    dataset = Dataset(name, sha256[:LONGEST_DIGEST] or "unknown", "local", json.dumps({"sha256": sha256}))
    return DatasetInput(dataset, [InputTag("mlflow.data.context", context)])


def training_data(datalist: str | Path, sha256: str) -> DatasetInput:
    """The data set of a training, by the name of its folder.

    Args:
        datalist: its ``datalist.json``.
        sha256: of its files.
    """
    return data_input(Path(datalist).absolute().parent.name, sha256, "training")
