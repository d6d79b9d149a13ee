"""The benchmark's file, from which a benchmark that was stopped goes on."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from custom.benchmark.row import Row
from custom.benchmark.timing import Clock
from custom.files import write_atomically


def write_record(path: Path, rows: Sequence[Row], machine: Mapping[str, object], clock: Clock) -> None:
    """Write everything measured so far.

    Args:
        path: the JSON file, which is never seen half written.
        rows: the measurements.
        machine: what they were made on.
        clock: the clock that was read.

    Raises:
        OSError: the file cannot be written, in one sentence.
    """
    record = {"machine": dict(machine), "clock": clock, "rows": [row.as_record() for row in rows]}
    write_atomically(path, (json.dumps(record, indent=1) + "\n").encode())


def read_rows(path: Path, machine: Mapping[str, object], clock: Clock) -> list[Row]:
    """Read what was measured before, to go on with it.

    Args:
        path: the JSON file.
        machine: what the rest is going to be measured on.
        clock: the clock that is going to be read.

    Returns:
        The rows; none where there is no file yet.

    Raises:
        ValueError: the file was measured otherwise, or is none of a benchmark, in one sentence.
    """
    if not path.exists():
        return []
    try:
        record = json.loads(path.read_text())
        rows = [Row.from_record(row) for row in record["rows"]]
        before = {**record["machine"], "clock": record["clock"]}
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is not the record of a benchmark: leave --resume out to replace it.") from error
    now = {**machine, "clock": clock}
    differences = [
        f"{name} {before.get(name, 'unknown')} instead of {now.get(name, 'unknown')}"
        for name in {**before, **now}
        if before.get(name) != now.get(name)
    ]
    if differences:
        raise ValueError(
            f"{path} was measured with {', '.join(differences)}: leave --resume out to measure everything anew, "
            "or give another --output."
        )
    return rows
