"""A local MLflow database that was copied or moved together with its artifacts."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path


def relocate(database: Path, artifacts: str) -> None:
    """Correct the places of artifacts in a database, which MLflow stores as absolute paths.

    Only places that this project chose are touched: those of experiments whose artifacts lie in a folder of the same
    name as here. Without this a copied project would keep writing into the folder that it was copied from.

    Args:
        database: the SQLite file; nothing happens if it does not exist.
        artifacts: URI of the folder in which the artifacts lie now.

    Raises:
        sqlite3.Error: if the file is not a database of MLflow.
    """
    if not database.is_file() or not database.stat().st_size:
        return
    name = artifacts.rpartition("/")[2]
    with closing(sqlite3.connect(database)) as connection, connection:
        if not connection.execute("SELECT name FROM sqlite_master WHERE name = 'experiments'").fetchone():
            return
        places = [place for (place,) in connection.execute("SELECT DISTINCT artifact_location FROM experiments")]
        for old in places:
            if not old or old == artifacts or not old.startswith("file:") or old.rpartition("/")[2] != name:
                continue
            connection.execute(
                "UPDATE experiments SET artifact_location = ? WHERE artifact_location = ?", (artifacts, old)
            )
            connection.execute(
                "UPDATE runs SET artifact_uri = ? || substr(artifact_uri, ?) WHERE substr(artifact_uri, 1, ?) = ?",
                (artifacts, len(old) + 1, len(old) + 1, old + "/"),
            )
