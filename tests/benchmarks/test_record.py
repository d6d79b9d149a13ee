import json

import pytest

from benchmarks.record import read_rows, write_record

MACHINE = {"processor": "one", "threads": 2, "torch": "2.0"}
PLACE = {"part": "attack", "method": "", "network": "resnet34", "size": 112, "batch_size": 8}
ROWS = [
    {**PLACE, "case": "ours, exact", "seconds": [1.0, 2.0], "memory": 5_000_000, "loss": 0.5, "difference": 1e-6},
    {**PLACE, "case": "floor", "seconds": [0.9, 1.9]},
]


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "benchmark.json"
    write_record(path, ROWS, MACHINE, "wall")
    return path


def test_rows_are_read_back(path):
    assert read_rows(path, MACHINE, "wall") == ROWS
    assert [entry.name for entry in path.parent.iterdir()] == ["benchmark.json"]


def test_no_file_is_no_rows(tmp_path):
    assert read_rows(tmp_path / "benchmark.json", MACHINE, "wall") == []


@pytest.mark.parametrize(
    ("machine", "clock", "difference"),
    [
        ({**MACHINE, "threads": 1}, "wall", "threads 2 instead of 1"),
        ({**MACHINE, "torch": "2.1"}, "wall", "torch 2.0 instead of 2.1"),
        ({**MACHINE, "foolbox": "3"}, "wall", "foolbox unknown instead of 3"),
        (MACHINE, "processor", "clock wall instead of processor"),
        ({**MACHINE, "processor": "two"}, "processor", "processor one instead of two, clock wall instead of processor"),
    ],
)
def test_another_machine_or_clock_is_refused_in_one_sentence(path, machine, clock, difference):
    with pytest.raises(ValueError, match=f"was measured with {difference}; leave --resume out"):
        read_rows(path, machine, clock)


@pytest.mark.parametrize("content", ["", "[]", "{}", json.dumps({"machine": {}, "clock": "wall", "rows": [{}]})])
def test_another_file_is_refused_in_one_sentence(path, content):
    path.write_text(content)
    with pytest.raises(ValueError, match="is not the record of a benchmark"):
        read_rows(path, MACHINE, "wall")
