import json

import pytest
from monai.bundle import ConfigWorkflow

from custom.cli import CommandLine

PROGRAM = "/somewhere/monai/bundle/__main__.py"


def test_reads_what_monai_would_be_called_with():
    line = f"{PROGRAM} run x --config_file ['a.json','b.json'] --resume --lr=0.1 --net#width 3 --batch-size 4"
    command_line = CommandLine.read(line.split())
    assert command_line.config_files == ("a.json", "b.json")
    assert command_line.overrides == {"resume": True, "lr": 0.1, "net#width": 3, "batch_size": 4}


def test_reads_defaults_from_an_arguments_file(tmp_path):
    path = tmp_path / "arguments.json"
    path.write_text(json.dumps({"config_file": "a.json", "method": "at"}))
    command_line = CommandLine.read([PROGRAM, "run", "--args_file", str(path), "--epochs", "2"])
    assert command_line == CommandLine(("a.json",), {"method": "at", "epochs": 2})


@pytest.mark.parametrize(
    "line",
    [
        "/usr/bin/pytest run --config_file a.json",
        f"{PROGRAM} verify_metadata --meta_file a.json",
        f"{PROGRAM} run",
    ],
)
def test_other_programs_have_no_command_line(line):
    assert CommandLine.read(line.split()) is None


def test_resolved_config_is_what_monai_runs(tmp_path):
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    first.write_text(json.dumps({"net": {"width": 1}, "deep": {"a": [1, 2]}, "copy": "%net", "run": []}))
    second.write_text(json.dumps({"extra": "$1 + 1"}))
    files = [str(first), str(second)]
    overrides = {"net#width": 7, "deep::a::1": 5}
    workflow = ConfigWorkflow(config_file=files, meta_file=None, logging_file=False, workflow_type=None, **overrides)
    workflow.parser.resolve_macro_and_relative_ids()
    expected = {name: value for name, value in workflow.parser.get().items() if name != "_meta_"}
    found = CommandLine(tuple(files), overrides).resolved_config()
    assert found == expected
    assert found["copy"] == {"width": 7}
    assert found["deep"] == {"a": [1, 5]}


def test_missing_config_file_is_named():
    with pytest.raises(FileNotFoundError, match=r"No config file nowhere\.json found\."):
        CommandLine(("nowhere.json",)).parser()
