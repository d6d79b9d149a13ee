"""Commands that are given bad input: an exit code, at most three lines, no traceback, and nothing lost."""

import itertools
from pathlib import Path

import pytest

from tests.cli.programs import run_program

ROOT = Path(__file__).parents[3]
TRAIN = "custom.bundle run training --config_file bundle/configs/train.json,bundle/configs/quickstart.json"
SMALL = "--image_size 32 --steps 2 --fine_tuning_epochs 1 --num_workers 0 --record False"
EVALUATION = (
    "--attacks \"['fgsm']\" --check_images 0 --curve_images 0 --corruption_images 0 --resamples 10 --record False"
)
READERS = {
    "evaluate": "custom.bundle run evaluating --config_file {run}/config.json,bundle/configs/evaluate.json "
    f"--checkpoint {{run}}/model.pt --output_dir {{run}}/evaluation {EVALUATION}",
    "explain": "custom.bundle run explaining --config_file {run}/config.json,bundle/configs/explain.json "
    "--checkpoint {run}/model.pt --explanations_dir {run}/explanations",
    "infer": "custom.bundle run inferring --config_file bundle/configs/inference.json --checkpoint {run}/model.pt "
    "--dataset_dir {data}/images --output_dir {run}/predictions --num_workers 0",
    "bundle": "scripts/export_bundle.py --checkpoint {run}/model.pt --name x --output {run}/b --without-evaluation",
    "format": "scripts/export_model.py --checkpoint {run}/model.pt --formats torchscript --output {run}",
    "compare explanations": "scripts/explain.py {run} --output {run}/explanations",
    "any classifier": "scripts/evaluate_model.py {run}/model.pt --architecture squeezenet1_1 --classes MEL BKL NV "
    "--size 48 --data {data} --attacks fgsm --check-images 0 --output {run}/evaluation",
}


def refused(line):
    """Run a command, and assert that it refuses its input as it should; what it said."""
    outcome = run_program(line)
    lines = outcome.stderr.strip().splitlines()
    usage = next((number for number, text in enumerate(lines) if text.startswith("usage: ")), None)
    assert outcome.code in (1, 2), (line, outcome)
    assert "Traceback" not in outcome.stderr + outcome.stdout, outcome.stderr
    # argparse prints its usage first.
    assert usage is not None or 1 <= len(lines) <= 3, outcome.stderr
    return lines[-1]


def some_are_slow(rows, columns, in_turn, always=()):
    """All pairs; by default each row meets one of the columns ``in_turn``, and those of ``always``."""
    return [
        pytest.param(row, column, marks=[] if column in (in_turn[number % len(in_turn)], *always) else pytest.mark.slow)
        for (number, row), column in itertools.product(enumerate(rows), columns)
    ]
