"""A run is complete whoever started it: what evaluates, explains and exports needs its folder alone."""

import json
import os
import shutil
import subprocess
import sys

import pytest
from monai.bundle import ConfigParser, ConfigWorkflow

from custom.runs import Run
from tests.cli.programs import run_program, run_verb
from tests.runs.complete import BRIEF, assert_complete

SMALL = {
    "method": "at",
    "backbone": "squeezenet1_1",
    "image_size": 32,
    "steps": 1,
    "step_size": 0.3,
    "batch_size": 8,
    "num_workers": 0,
    "warm_up_epochs": 0,
    "fine_tuning_epochs": 1,
    "weights": "none",
    "record": False,
}


def start(way, root, work):
    """Train on ``data`` below the working directory ``work``, both named by relative paths."""
    config = root / "bundle" / "configs" / "train.json"
    settings = {**SMALL, "dataset_dir": "data", "output_dir": "run"}
    if way == "workflow":
        workflow = ConfigWorkflow(str(config), workflow_type="train", logging_file=False, **settings)
        workflow.initialize()
        workflow.run()
        workflow.finalize()
    elif way == "parser":
        parser = ConfigParser()
        parser.read_config(config)
        parser.update(settings)
        parser.get_parsed_content("train#trainer").run()
    else:
        options = [item for key, value in settings.items() for item in (f"--{key}", str(value))]
        files = f"['{config}']"
        start = [sys.executable, "-m", "monai.bundle"]
        if way == "torchrun":
            files = f"['{config}','{config.with_name('multi_gpu_train.json')}']"
            start = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2"]
            start += ["-m", "custom.bundle"]
        command = [*start, "run", "training", "--config_file", files, *options]
        environment = {
            **os.environ,
            "OMP_NUM_THREADS": "1",
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "PYTHONPATH": str(root),
        }
        done = subprocess.run(command, cwd=work, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]


# By `torchrun`: tests/distributed/test_two_processes.py.
@pytest.mark.usefixtures("unsaved_figures")
@pytest.mark.parametrize(
    "way", ["workflow", *(pytest.param(way, marks=pytest.mark.slow) for way in ("torchrun", "command", "parser"))]
)
def test_the_folder_alone_is_enough(way, root, synthetic_data, tmp_path, monkeypatch):
    work = tmp_path / "work"
    shutil.copytree(synthetic_data, work / "data")
    monkeypatch.chdir(work)
    start(way, root, work)
    run = Run.read(work / "run")
    assert (run.method, run.backbone, run.image_size) == ("at", "squeezenet1_1", 32)
    assert run.class_names == ["MEL", "BKL", "NV"]
    assert json.loads((work / "run" / "config.json").read_text())["fine_tuning_epochs"] == 1
    # Whatever takes a run takes it from any working directory, moved alone or together with its data.
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    moved = assert_complete(work / "run", work)
    work.rename(tmp_path / "renamed")
    moved = tmp_path / "renamed" / moved.relative_to(work)
    assert Run.read(moved).datalist is not None
    run_verb(f"evaluate {moved} {BRIEF} --output_dir again")
    outcome = run_program(f"scripts/explain.py {moved} --images 1")
    assert outcome.code == 0, outcome.stderr
    assert {path.name for path in (tmp_path / "elsewhere").iterdir()} == {"again", "explanations"}
