import json
import runpy
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "benchmark.py"


@pytest.fixture
def main():
    return runpy.run_path(str(SCRIPT))["main"]


def test_quick_writes_table_picture_and_json(main, tmp_path):
    parts = ["attack", "training", "scaling", "loader"]
    assert main(["--quick", "--output", str(tmp_path), "--parts", *parts]) == 0
    record = json.loads((tmp_path / "benchmark.json").read_text())
    assert record["machine"]["processor"]
    cases = {row["case"] for row in record["rows"] if row["part"] == "attack"}
    assert {"ours, exact", "ours, bfloat16", "floor"} <= cases
    assert {row["part"] for row in record["rows"]} == {
        "attack",
        "training, at",
        "training, dpaat",
        "scaling, at",
        "scaling, dpaat",
        "loader",
    }
    assert "| squeezenet1_0 | 32 | 4 | ours, exact |" in (tmp_path / "benchmark.md").read_text()
    assert (tmp_path / "benchmark.png").read_bytes().startswith(b"\x89PNG")


def test_unknown_network_is_one_sentence(main, tmp_path, capsys):
    assert main(["--quick", "--networks", "nonet", "--output", str(tmp_path), "--parts", "loader"]) == 0
    arguments = ["--networks", "nonet", "--sizes", "32", "--batch-size", "2", "--output", str(tmp_path / "other")]
    assert main([*arguments, "--parts", "attack"]) == 1
    assert "nonet" in capsys.readouterr().err
    assert not (tmp_path / "other").exists()


def test_bad_number_is_refused(main, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--repeats", "0"])
    assert stop.value.code == 2
    assert "--repeats must be at least 1" in capsys.readouterr().err
