"""Commands that are mistyped, or name what is not there."""

import pytest

from custom.cli import run_steps
from tests.cli.programs import run_step_here

from .commands import ROOT, refused

COMMANDS = [
    "custom.bundle run trainig --config_file bundle/configs/train.json",
    "custom.bundle run training --config_file nowhere.json",
    "custom.bundle run training --config_file README.md",
    "custom.bundle run training --config_file bundle/configs",
    "custom.bundle run training --config_file bundle/configs/train.json --metod at",
    "custom.bundle run training --config_file bundle/configs/train.json --trian#epochs 3",
    "custom.bundle run training --config_file bundle/configs/train.json --args_file nowhere.json",
    "custom.bundle run training --config_file bundle/configs/train.json --dataset_dir '$x'",
    "custom.bundle run training --config_file bundle/configs/train.json --run_name @method",
    "custom",
    "custom trian",
    "custom train --quik --data nowhere",
    "custom train --data nowhere",
    "custom evaluate",
    "custom evaluate nowhere",
    "custom evaluate README.md",
    "custom explain nowhere",
    "custom predict nowhere images",
    "custom predict nowhere",
    "custom export nowhere",
    "custom export nowhere --format gif",
    "custom compare",
    "custom compare --bogus",
    "custom prepare",
    "custom prepare nowhere",
    "custom check nowhere",
    "custom check README.md --strict",
    "custom report nowhere",
    "custom report README.md",
    "custom demo --data nowhere",
    "custom demo --robust nonsense",
    "custom plan nowhere",
    "custom plan nowhere --share 2",
    "custom plan nowhere --images 0",
    "custom plan nowhere --image-size -1",
    "custom plan nowhere --method nonsense",
    "custom plan nowhere --output plan.txt",
    "scripts/check_data.py nowhere",
    "scripts/check_data.py nowhere --distance 99",
    "scripts/explore.py nowhere",
    "scripts/explore.py nowhere --port 99999999",
    "scripts/explore.py nowhere nowhere",
    "scripts/plan.py nowhere --run nowhere",
    "scripts/study.py nowhere",
    "scripts/study.py README.md --dry-run",
    "scripts/study.py nowhere --dry-run",
    "scripts/compare.py nowhere",
    "scripts/compare.py README.md README.md",
    "scripts/compare.py nowhere --names a b",
    "scripts/compare.py nowhere --resamples many",
    "scripts/compute_xi.py",
    "scripts/compute_xi.py --run nowhere",
    "scripts/evaluate_model.py nowhere --classes A B --size 32 --data nowhere",
    "scripts/evaluate_model.py nowhere --classes A B --size 0 --data nowhere",
    "scripts/evaluate_model.py nowhere --classes A B --size big --data nowhere",
    "scripts/explain.py nowhere --output out",
    "scripts/explain.py nowhere nowhere --output out",
    "scripts/export_bundle.py --checkpoint nowhere.pt --name x --output out",
    "scripts/export_bundle.py --checkpoint nowhere.pt --name ../x --output out",
    "scripts/export_model.py --checkpoint nowhere.pt",
    "scripts/export_model.py --checkpoint nowhere.pt --quantize int8",
    "scripts/export_model.py --checkpoint nowhere.pt --formats pdf",
    "scripts/federated.py --dataset_dir nowhere --output out",
    "scripts/results.py nowhere",
    "scripts/prepare.py nowhere --output out",
    "scripts/prepare.py README.md --output out",
    "scripts/make_synthetic.py --output out --per-class 0",
    "scripts/make_synthetic.py --output out --size -3",
    "scripts/make_synthetic.py --output README.md",
]


@pytest.mark.parametrize("line", [line for line in COMMANDS if line != "custom"])
def test_a_command_that_cannot_be_meant(line, monkeypatch):
    monkeypatch.setattr(run_steps, "_run", run_step_here)
    before = set(ROOT.iterdir())
    refused(line)
    assert set(ROOT.iterdir()) == before
