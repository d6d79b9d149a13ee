import json

import pytest
import torch

from benchmarks.__main__ import main
from benchmarks.measure import Benchmark


@pytest.fixture(autouse=True)
def threads():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def floor(group):
    return {**group._asdict(), "case": "floor", "seconds": [1.0]}


def rows_of(folder):
    return json.loads((folder / "benchmark.json").read_text())["rows"]


@pytest.mark.slow
def test_quick_writes_page_figure_and_record(tmp_path):
    parts = ["attack", "training", "methods", "scaling", "loader"]
    assert main(["--quick", "--output", str(tmp_path), "--parts", *parts]) == 0
    record = json.loads((tmp_path / "benchmark.json").read_text())
    assert record["machine"]["processor"]
    cases = {row["case"] for row in record["rows"] if row["part"] == "attack"}
    assert {"ours, exact", "ours, no acceleration", "floor"} <= cases
    assert {(row["part"], row["method"]) for row in record["rows"]} == {
        ("attack", ""),
        ("training", "at"),
        ("training", "dpaat"),
        ("methods", ""),
        ("scaling", "at"),
        ("scaling", "dpaat"),
        ("scaling", "dpaat, checkpointed"),
        ("loader", "at"),
        ("loader", "std"),
    }
    assert "| squeezenet1_0 | 32 | 4 | ours, exact |" in (tmp_path / "benchmark.md").read_text()
    assert (tmp_path / "benchmark.png").read_bytes().startswith(b"\x89PNG")


def test_resumes_after_a_stop(tmp_path, monkeypatch):
    measured = []

    def measure(self, group):
        if len(measured) == 2:
            raise KeyboardInterrupt
        measured.append(group)
        yield {**group._asdict(), "case": "ours, exact", "seconds": [float(len(measured))]}

    monkeypatch.setattr(Benchmark, "measure", measure)
    arguments = ["--quick", "--output", str(tmp_path), "--parts", "attack", "training"]
    with pytest.raises(KeyboardInterrupt):
        main(arguments)
    kept = rows_of(tmp_path)
    assert [(row["part"], row["method"]) for row in kept] == [("attack", ""), ("training", "at")]
    assert not (tmp_path / "benchmark.md").exists()
    measured.clear()
    assert main([*arguments, "--resume"]) == 0
    assert [group.method for group in measured] == ["dpaat"]
    assert rows_of(tmp_path)[:2] == kept
    assert "## Training, dpaat" in (tmp_path / "benchmark.md").read_text()


def test_stages_in_any_order_make_a_page_in_order(tmp_path, monkeypatch):
    monkeypatch.setattr(Benchmark, "measure", lambda self, group: iter([floor(group)]))
    arguments = ["--output", str(tmp_path), "--batch-size", "4", "--networks", "squeezenet1_0", "--methods", "at"]
    for stage in (["training", "--sizes", "64"], ["attack", "--sizes", "64"], ["attack", "--sizes", "32"]):
        assert main([*arguments, "--resume", "--parts", *stage]) == 0
    lines = (tmp_path / "benchmark.md").read_text().splitlines()
    small, large = "| squeezenet1_0 | 32 | 4", "| squeezenet1_0 | 64 | 4"
    found = [line[: len(small)] for line in lines if line.startswith(("## Attack", "## Training", "| squeezenet1_0"))]
    assert found == ["## Attack", small, large, "## Training, at", large]


def test_other_threads_or_clock_are_not_mixed(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(Benchmark, "measure", lambda self, group: iter([floor(group)]))
    arguments = ["--quick", "--output", str(tmp_path), "--parts", "attack"]
    assert main(arguments) == 0
    before = (tmp_path / "benchmark.json").read_bytes()
    for other in (["--threads", "2"], ["--clock", "processor"]):
        assert main([*arguments, *other, "--resume"]) == 1
        assert "leave --resume out" in capsys.readouterr().err
    assert (tmp_path / "benchmark.json").read_bytes() == before


def test_unknown_network_is_one_sentence(tmp_path, capsys):
    arguments = ["--networks", "nonet", "--sizes", "32", "--batch-size", "2", "--output", str(tmp_path / "other")]
    assert main([*arguments, "--parts", "attack"]) == 1
    assert "nonet" in capsys.readouterr().err
    assert not (tmp_path / "other").exists()


def test_bad_number_is_refused(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--repeats", "0"])
    assert stop.value.code == 2
    assert "--repeats must be at least 1" in capsys.readouterr().err
