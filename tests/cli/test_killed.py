"""Commands that are killed at each of their moves, and at random times: results are old or new, never neither."""

import json
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import torch

from custom.files import clean_up
from custom.networks import read_checkpoint

ROOT = Path(__file__).parents[2]
SMALL = "--image_size 32 --steps 2 --fine_tuning_epochs 1 --num_workers 0 --record False --seed 1"
LINES = {
    "prepare": "scripts/make_synthetic.py --output {folder}/data --per-class 10 --size 32 --overwrite",
    "train": "custom.bundle run training --config_file bundle/configs/train.json,bundle/configs/quickstart.json "
    f"--dataset_dir DATA --output_dir {{folder}}/new --method at {SMALL}",
    "evaluate": "custom.bundle run evaluating --config_file {folder}/run/config.json,bundle/configs/evaluate.json "
    "--checkpoint {folder}/run/model.pt --output_dir {folder}/run/evaluation --attacks \"['fgsm']\" --check_images 0 "
    "--curve_images 0 --corruption_images 0 --resamples 10 --record False --num_workers 0 --seed 2",
    "explain": "custom.bundle run explaining --config_file {folder}/run/config.json,bundle/configs/explain.json "
    "--checkpoint {folder}/run/model.pt --explain#images_per_class 1 --explain#attack#steps 2 --num_workers 0",
    "export": "scripts/export_bundle.py --checkpoint {folder}/run/model.pt --name x --output {folder}/bundles "
    "--without-evaluation",
}


@pytest.fixture
def start(run, synthetic_data, tmp_path):
    """What every process starts from: a run with an evaluation and explanations, and a data set."""
    shutil.copytree(run, tmp_path / "start" / "run", ignore=shutil.ignore_patterns(".lock"))
    explanations = tmp_path / "start" / "run" / "explanations"
    explanations.mkdir()
    (explanations / "explanations.json").write_text('{"age": "old"}')
    shutil.copytree(synthetic_data, tmp_path / "start" / "data")
    return tmp_path


def killed(folder, command, data, way, times):
    """Run the command and kill it; the folders that are left, each with how its process ended."""
    line = LINES[command].replace("DATA", str(data))
    process = subprocess.run(
        [sys.executable, "-m", "tests.cli.kill_server", str(folder), line, way, str(times)],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1", "MONAI_DEBUG": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=3000,
    )
    assert process.returncode == 0, process.stderr[-3000:]
    codes = json.loads(process.stdout.splitlines()[-1])
    assert codes[0] == 0, process.stderr[-3000:]
    assert -signal.SIGKILL in codes
    assert set(codes) <= {0, -signal.SIGKILL}, process.stderr[-3000:]
    return [(folder / str(number), code) for number, code in enumerate(codes)]


def check(command, folder, finished):
    """Assert that what a killed process left is whole: what was there before, or what it was to write."""
    attacks = folder / "run" / "evaluation" / "attacks"
    for place in (folder, folder / "run", folder / "new", folder / "bundles", attacks.parent, attacks):
        clean_up(place)  # as the next start does
    left_behind = [path for path in folder.rglob("*") if path.name.endswith((".partial", ".moves"))]
    assert left_behind == []
    read_checkpoint(folder / "run" / "model.pt")
    if command == "prepare":
        items = json.loads((folder / "data" / "datalist.json").read_text())
        names = [item["image"] for split in ("training", "validation", "test") for item in items[split]]
        assert all((folder / "data" / name).is_file() for name in names)
        assert len(names) in ((30,) if finished else (30, 36))
    elif command == "train":
        new = folder / "new"
        if (new / "model.pt").is_file():
            read_checkpoint(new / "model.pt")
        if (new / "checkpoint.pt").is_file():
            torch.load(new / "checkpoint.pt", weights_only=True)
            assert (new / "model.pt").is_file()
        if (new / "config.json").is_file():
            assert json.loads((new / "config.json").read_text())["method"] == "at"
        assert not finished or (new / "checkpoint.pt").is_file()
    elif command == "evaluate":
        evaluation = folder / "run" / "evaluation"
        metrics = json.loads((evaluation / "metrics.json").read_text())
        assert metrics["bootstrap"]["resamples"] in ((10,) if finished else (20, 10))
        assert (evaluation / "predictions.csv").is_file()
        assert (evaluation / "metrics.csv").is_file()
    elif command == "explain":
        explanations = folder / "run" / "explanations"
        old = json.loads((explanations / "explanations.json").read_text()) == {"age": "old"}
        assert old != (explanations / "measures.csv").is_file()
        assert not (finished and old)
    elif command == "export":
        bundle, archive = folder / "bundles" / "x", folder / "bundles" / "x_v0.1.0.zip"
        assert bundle.is_dir() == archive.is_file()
        if archive.is_file():
            assert zipfile.ZipFile(archive).testzip() is None
            read_checkpoint(bundle / "models" / "model.pt")
        assert not finished or archive.is_file()


# What writes them is killed at each of its moves by default, too: tests/files/test_killed.py.
@pytest.mark.slow
@pytest.mark.parametrize("command", LINES)
def test_a_kill_at_a_move_leaves_whole_results(command, start, synthetic_data):
    ends = killed(start, command, synthetic_data, "every-move", 200)
    assert ends[-1][1] == 0  # every move was reached
    for folder, code in ends:
        check(command, folder, code == 0)


@pytest.mark.slow
@pytest.mark.parametrize("command", LINES)
def test_a_kill_at_any_time_leaves_whole_results(command, start, synthetic_data):
    for folder, code in killed(start, command, synthetic_data, "at-random", 12):
        check(command, folder, code == 0)


@pytest.mark.slow
def test_a_training_that_was_killed_at_any_move_resumes(start, synthetic_data):
    from tests.cli.programs import run_program

    for folder, code in killed(start, "train", synthetic_data, "every-move", 200):
        clean_up(folder / "new")  # as the next start does
        line = LINES["train"].replace("DATA", str(synthetic_data)).format(folder=folder)
        resumable = (folder / "new" / "checkpoint.pt").is_file() or (folder / "new" / "config.json").is_file()
        outcome = run_program(f"{line} --resume True" if resumable else line)
        assert outcome.code == 0, outcome.stderr
        assert (folder / "new" / "model_card.md").is_file(), (folder, code)
