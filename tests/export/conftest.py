"""One trained and evaluated network, and its bundle, for all tests of the export."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from scripts.export_bundle import main

NAME = "skin_lesion_robust_classification"


@pytest.fixture(scope="session")
def bundle(run, tmp_path_factory):
    """The exported bundle."""
    output = tmp_path_factory.mktemp("bundles")
    assert main(["--checkpoint", str(run / "model.pt"), "--name", NAME, "--output", str(output)]) == 0
    return output / NAME


@pytest.fixture(scope="session")
def foreign(bundle, synthetic_data, tmp_path_factory):
    """The bundle unpacked from its archive somewhere else, with a data set in it."""
    output = tmp_path_factory.mktemp("elsewhere")
    with zipfile.ZipFile(bundle.with_name(f"{NAME}_v0.1.0.zip")) as archive:
        archive.extractall(output)
    (output / NAME / "data").symlink_to(synthetic_data)
    return output / NAME


RUN_ALL = """
import json, os, runpy, shlex, sys
sys.path[0] = os.getcwd()
for command, code in json.loads(sys.argv[1]):
    print("$", command, flush=True)
    program, first, *rest = shlex.split(command)
    module = first == "-m"
    sys.argv = rest if module else [first, *rest]
    try:
        try:
            runpy.run_module(rest[0], run_name="__main__", alter_sys=True) if module else runpy.run_path(
                first, run_name="__main__"
            )
            sys.exit(0)
        except Exception as error:
            if code == 0:
                raise
            sys.excepthook(type(error), error, error.__traceback__)
            sys.exit(1)
    except SystemExit as end:
        assert (end.code or 0) == code, f"{command} ended with {end.code}"
import custom
assert custom.__file__.startswith(os.getcwd()), custom.__file__
"""


def run_all(commands: list[tuple[str, int]], cwd: Path) -> str:
    """Run commands that start with ``python`` in one process, as starting one takes longer than most of them.

    Args:
        commands: each with the exit code that it should have.
        cwd: the working directory.

    Returns:
        What they print as errors.
    """
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "MLFLOW_DISABLE_TELEMETRY": "true"}
    for name in ("PYTHONPATH", "MLFLOW_TRACKING_URI"):
        environment.pop(name, None)
    done = subprocess.run(
        [sys.executable, "-c", RUN_ALL, json.dumps(commands)],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
    return done.stderr
