"""A run is complete whoever started it: what evaluates, explains and exports needs its folder alone."""

import json
import os
import subprocess
import sys

import pytest
from monai.bundle import ConfigParser, ConfigWorkflow

from custom.runs import Run
from tests.runs.complete import assert_complete

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


def start(way, root, data, output):
    config = root / "bundle" / "configs" / "train.json"
    settings = {**SMALL, "dataset_dir": str(data), "output_dir": str(output)}
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
        files = "['bundle/configs/train.json']"
        start = [sys.executable, "-m", "monai.bundle"]
        if way == "torchrun":
            files = "['bundle/configs/train.json','bundle/configs/multi_gpu_train.json']"
            start = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2"]
            start += ["-m", "custom.bundle"]
        command = [*start, "run", "training", "--config_file", files, *options]
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "MLFLOW_DISABLE_TELEMETRY": "true"}
        done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]


# By `torchrun`: tests/distributed/test_two_processes.py.
@pytest.mark.parametrize(
    "way", ["workflow", *(pytest.param(way, marks=pytest.mark.slow) for way in ("torchrun", "command", "parser"))]
)
def test_the_folder_alone_is_enough(way, root, synthetic_data, tmp_path, monkeypatch):
    start(way, root, synthetic_data, tmp_path / "run")
    run = Run.read(tmp_path / "run")
    assert (run.method, run.backbone, run.image_size) == ("at", "squeezenet1_1", 32)
    assert run.class_names == ["MEL", "BKL", "NV"]
    assert json.loads((tmp_path / "run" / "config.json").read_text())["fine_tuning_epochs"] == 1
    monkeypatch.chdir(root)
    assert_complete(tmp_path / "run", tmp_path)
