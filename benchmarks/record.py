"""The benchmark's file, from which an interrupted benchmark resumes."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.groups import Group
from benchmarks.measure import Row
from benchmarks.timing import Clock
from custom.files import write_atomically
from custom.files.read_json import read_json

NEEDED = {*Group._fields, "case", "seconds"}


def write_record(path: Path, rows: Sequence[Row], machine: Mapping[str, object], clock: Clock) -> None:
    """Write everything measured so far.

    Args:
        path: the JSON file, which is written atomically.
        rows: the measurements.
        machine: the machine that they were made on.
        clock: the clock that was read.

    Raises:
        OSError: the file cannot be written, in one sentence.
    """
    record = {"machine": dict(machine), "clock": clock, "rows": list(rows)}
    write_atomically(path, (json.dumps(record, indent=1) + "\n").encode())


def read_rows(path: Path, machine: Mapping[str, object], clock: Clock) -> list[Row]:
    """Read what was measured before, to resume from it.

    Args:
        path: the JSON file.
        machine: the machine that the rest will be measured on.
        clock: the clock that will be read.

    Returns:
        The rows; none if the file does not exist yet.

    Raises:
        ValueError: the file was measured on another machine or by another clock, or is not a benchmark's record.
    """
    if not path.exists():
        return []
    try:
        record = read_json(path)
        rows: list[Row] = record["rows"]
        before = {**record["machine"], "clock": record["clock"]}
        complete = all(set(row) >= NEEDED for row in rows)
    except (ValueError, KeyError, TypeError):
        complete = False
    if not complete:
        raise ValueError(f"{path} is not the record of a benchmark; leave --resume out to replace it.")
    now = {**machine, "clock": clock}
    differences = [
        f"{name} {before.get(name, 'unknown')} instead of {now.get(name, 'unknown')}"
        for name in {**before, **now}
        if before.get(name) != now.get(name)
    ]
    if differences:
        raise ValueError(
            f"{path} was measured with {', '.join(differences)}; leave --resume out to measure everything again, "
            "or pass another --output."
        )
    return rows
