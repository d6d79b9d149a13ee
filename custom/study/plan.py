"""The plan of a study, kept beside its records: which run belongs where in the report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from custom.files import write_atomically
from custom.files.read_json import read_json
from custom.study.grid import Grid

PLAN_NAME = "plan.json"
"""In a folder of its own beside the records, so that a folder of records has nothing else."""


REPORTED = (
    "title",
    "description",
    "data",
    "evaluate",
    "knobs",
    "paper_rows",
    "recipes",
    "recipe_of",
    "baselines",
    "clock",
)
"""Keys of a group that its report needs."""


def plan_path(records: Path) -> Path:
    """Where the plan of a folder of records is."""
    return records / "study" / PLAN_NAME


def check_study(folder: Path, records: Path, name: str) -> None:
    """Make sure that a study's folders are not those of another one.

    Args:
        folder: of what the study makes.
        records: folder of its records.
        name: the study's name.

    Raises:
        ValueError: if one belongs to another study, or holds other things.
    """
    for place, file in ((folder, folder / PLAN_NAME), (records, plan_path(records))):
        if file.is_file():
            other = read_json(file).get("name")
            if other != name:
                raise ValueError(f"{place} is the folder of the study {other!r}, not of {name!r}; pass another one.")
        elif place.is_dir() and any(entry.name not in ("records", "study") for entry in place.iterdir()):
            raise ValueError(f"{place} holds other files than the study {name!r}; pass another folder.")


def write_plan(folder: Path, records: Path, grid: Grid) -> None:
    """Write the plan to a study's folders.

    Args:
        folder: of what the study makes.
        records: folder of its records.
        grid: the grid.
    """
    groups: dict[str, Any] = {
        name: {key: group[key] for key in REPORTED if key in group} | {"recipe": grid.recipes.get(name)}
        for name, group in grid.groups.items()
    }
    runs = [{"group": run.group, "arm": run.arm, "seed": run.seed, "hash": run.hash} for run in grid.runs]
    content = json.dumps({"name": grid.name, "groups": groups, "runs": runs}, indent=1) + "\n"
    for path in (folder / PLAN_NAME, plan_path(records)):
        write_atomically(path, content.encode())


def read_plan(records: Path) -> dict[str, Any]:
    """The plan of a folder of records.

    Args:
        records: the folder.

    Raises:
        FileNotFoundError: if there is none.
    """
    path = plan_path(records)
    if not path.is_file():
        raise FileNotFoundError(f"No {path} found; pass the folder of a study's records.")
    return read_json(path)
