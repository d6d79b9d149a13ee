"""A run of somebody else, whose config holds code: what asks for --trust before it runs, and what needs none of it."""

import json
import shutil
from pathlib import Path

import pytest

from custom.cli import run_steps
from tests.cli.programs import content, run_program, run_step_here

ROOT = Path(__file__).parents[2]


@pytest.fixture
def foreign(run, tmp_path, monkeypatch):
    """A run whose config leaves a mark when it is resolved."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(run_steps, "_run", run_step_here)
    folder = shutil.copytree(run, tmp_path / "run", ignore=shutil.ignore_patterns(".lock"))
    config = json.loads((folder / "config.json").read_text())
    config["epsilon"] = f"$__import__('pathlib').Path({str(tmp_path / 'RAN')!r}).touch() or 0.2"
    (folder / "config.json").write_text(json.dumps(config))
    return folder


@pytest.mark.parametrize(
    "line",
    [
        "custom evaluate {run}",
        "custom explain {run}",
        "custom explain {run} {run}/../run",
        "custom export {run} --without-evaluation --output {run}/../out",
        "custom.bundle run evaluating --config_file {run}/config.json,bundle/configs/evaluate.json",
        "scripts/explain.py {run} --output {run}/../out",
        "scripts/export_bundle.py {run} --name x --output {run}/../out --without-evaluation",
        "scripts/compute_xi.py --run {run}",
        "scripts/plan.py {data} --run {run} --output {run}/../plan.yaml",
    ],
)
def test_its_code_does_not_run(line, foreign, synthetic_data):
    if "{run}/../run" in line:
        shutil.copytree(foreign, foreign.parent / "other")
        line = line.replace("{run}/../run", "{run}/../other")
    before = content(foreign)
    outcome = run_program(line.format(run=foreign, data=synthetic_data))
    assert outcome.code == 1
    said = outcome.stderr.strip().splitlines()[-1]
    assert f"{foreign}/config.json can run its author's code (epsilon, $__import__" in said
    assert said.endswith("pass --trust if you trust them.")
    assert not (foreign.parent / "RAN").exists()
    assert not (foreign.parent / "out").exists()
    assert content(foreign) == before


@pytest.mark.usefixtures("unsaved_figures")
@pytest.mark.parametrize(
    "line",
    [
        "custom predict {run} {data}/images --output {run}/../out --num_workers 0",
        "custom export {run} --format torchscript --output {run}/../out",
        "scripts/evaluate_model.py {run} --data {data} --attacks fgsm --check-images 0 --output {run}/../out",
        "scripts/compare.py {run} {run} --names a b --resamples 10 --output {run}/../out",
    ],
)
def test_what_its_card_or_its_figures_say_needs_no_trust(line, foreign, synthetic_data):
    outcome = run_program(line.format(run=foreign, data=synthetic_data))
    assert outcome.code == 0, outcome.stderr
    assert any((foreign.parent / "out").iterdir())
    assert not (foreign.parent / "RAN").exists()


def test_with_trust_it_runs(foreign):
    # One that is trusted gets as far as its own code.
    run_program(
        f"custom.bundle run evaluating --config_file {foreign}/config.json,bundle/configs/evaluate.json --trust"
    )
    assert (foreign.parent / "RAN").exists()
