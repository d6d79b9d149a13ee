import json
import runpy
from pathlib import Path

import pytest
import torch

from custom.benchmark.measurements import Benchmark
from custom.benchmark.row import Row
from custom.benchmark.timing import Timing

SCRIPT = Path(__file__).parents[2] / "scripts" / "benchmark.py"


@pytest.fixture
def main():
    threads = torch.get_num_threads()
    yield runpy.run_path(str(SCRIPT))["main"]
    torch.set_num_threads(threads)


def rows_of(folder):
    return json.loads((folder / "benchmark.json").read_text())["rows"]


def test_quick_writes_table_picture_and_json(main, tmp_path):
    parts = ["attack", "training", "scaling", "loader"]
    assert main(["--quick", "--output", str(tmp_path), "--parts", *parts]) == 0
    record = json.loads((tmp_path / "benchmark.json").read_text())
    assert record["machine"]["processor"]
    cases = {row["case"] for row in record["rows"] if row["part"] == "attack"}
    assert {"ours, exact", "ours, no acceleration", "floor"} <= cases
    assert {row["part"] for row in record["rows"]} == {
        "attack",
        "training, at",
        "training, dpaat",
        "scaling, at",
        "scaling, dpaat",
        "loader, at",
        "loader, std",
    }
    assert "| squeezenet1_0 | 32 | 4 | ours, exact |" in (tmp_path / "benchmark.md").read_text()
    assert (tmp_path / "benchmark.png").read_bytes().startswith(b"\x89PNG")


def test_stopped_it_goes_on_where_it_was(main, tmp_path, monkeypatch):
    measured = []

    def measure(self, group):
        if len(measured) == 2:
            raise KeyboardInterrupt
        measured.append(group)
        yield Row(*group, "ours, exact", Timing((float(len(measured)),)))

    monkeypatch.setattr(Benchmark, "measure", measure)
    arguments = ["--quick", "--output", str(tmp_path), "--parts", "attack", "training"]
    with pytest.raises(KeyboardInterrupt):
        main(arguments)
    kept = rows_of(tmp_path)
    assert [row["part"] for row in kept] == ["attack", "training, at"]
    assert not (tmp_path / "benchmark.md").exists()
    measured.clear()
    assert main([*arguments, "--resume"]) == 0
    assert [group.part for group in measured] == ["training, dpaat"]
    assert rows_of(tmp_path)[:2] == kept
    assert "## Training, dpaat" in (tmp_path / "benchmark.md").read_text()


def test_stages_in_any_order_make_a_page_in_order(main, tmp_path, monkeypatch):
    monkeypatch.setattr(Benchmark, "measure", lambda self, group: iter([Row(*group, "floor", Timing((1.0,)))]))
    arguments = ["--output", str(tmp_path), "--batch-size", "4", "--networks", "squeezenet1_0", "--methods", "at"]
    for stage in (["training", "--sizes", "64"], ["attack", "--sizes", "64"], ["attack", "--sizes", "32"]):
        assert main([*arguments, "--resume", "--parts", *stage]) == 0
    lines = (tmp_path / "benchmark.md").read_text().splitlines()
    small, large = "| squeezenet1_0 | 32 | 4", "| squeezenet1_0 | 64 | 4"
    found = [line[: len(small)] for line in lines if line.startswith(("## Attack", "## Training", "| squeezenet1_0"))]
    assert found == ["## Attack", small, large, "## Training, at", large]


def test_other_threads_or_clock_are_not_mixed(main, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(Benchmark, "measure", lambda self, group: iter([Row(*group, "floor", Timing((1.0,)))]))
    arguments = ["--quick", "--output", str(tmp_path), "--parts", "attack"]
    assert main(arguments) == 0
    before = (tmp_path / "benchmark.json").read_bytes()
    for other in (["--threads", "2"], ["--clock", "processor"]):
        assert main([*arguments, *other, "--resume"]) == 1
        assert "leave --resume out" in capsys.readouterr().err
    assert (tmp_path / "benchmark.json").read_bytes() == before


def test_unknown_network_is_one_sentence(main, tmp_path, capsys):
    arguments = ["--networks", "nonet", "--sizes", "32", "--batch-size", "2", "--output", str(tmp_path / "other")]
    assert main([*arguments, "--parts", "attack"]) == 1
    assert "nonet" in capsys.readouterr().err
    assert not (tmp_path / "other").exists()


def test_bad_number_is_refused(main, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--repeats", "0"])
    assert stop.value.code == 2
    assert "--repeats must be at least 1" in capsys.readouterr().err
