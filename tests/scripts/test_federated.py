import argparse
import importlib.util
import json

import pytest
import torch

from scripts import federated
from tests.cli.programs import run_program

TRAINED = ["federated", "site-1 alone", "site-2 alone", "pooled"]


@pytest.fixture
def start(root, federated_data, tmp_path, monkeypatch, unsaved_figures):
    """Run the script, in a folder of its own."""
    tiny = tmp_path / "tiny.json"
    settings = {"method": "at", "image_size": 32, "steps": 2, "batch_size": 16}
    tiny.write_text(json.dumps({**settings, "training_handlers#learning_curves#_disabled_": True}))
    monkeypatch.chdir(tmp_path)
    for key, value in {"curve_images": 0, "corruption_images": 0, "resamples": 10}.items():
        monkeypatch.setitem(federated.EVALUATION, key, value)

    def run(name, *options):
        configs = [str(root / "bundle" / "configs" / file) for file in ("train.json", "quickstart.json")]
        command = ["scripts/federated.py", "--dataset_dir", str(federated_data), "--output", str(tmp_path / name)]
        return run_program([*command, "--rounds", "2", "--config_file", *configs, str(tiny), *options])

    return run


def test_the_table_compares_all(start, tmp_path):
    ended = start("output")
    assert ended.code == 0, ended.stderr
    output = tmp_path / "output"
    rows = json.loads((output / "comparison.json").read_text())
    assert list(rows) == TRAINED
    assert rows["site-1 alone"]["images"] + rows["site-2 alone"]["images"] == rows["pooled"]["images"]
    for name, row in rows.items():
        evaluated = json.loads((output / "evaluations" / name.replace(" ", "-") / "metrics.json").read_text())
        assert row["clean"] == evaluated["clean"]["images"]["accuracy"]
        assert row["pgd20"] == evaluated["attacks"]["pgd20"]["images"]["accuracy"]
    for name in TRAINED:
        assert [f"{name}: round {number} of 2 finished" in ended.stdout for number in (1, 2)] == [True, True]
    assert f"The comparison is in {output / 'comparison.md'}" in ended.stdout
    lines = (output / "comparison.md").read_text().splitlines()
    assert [line.split(" | ")[0] for line in lines[2:]] == [f"| {name}" for name in TRAINED]


def test_damaged_settings_of_an_earlier_start_are_named(tmp_path):
    (tmp_path / "settings.json").write_text("{")
    with pytest.raises(ValueError, match=r"settings\.json is not valid JSON .*; pass another --output\."):
        federated.check_settings(tmp_path, argparse.Namespace(rounds=2, output=tmp_path))


@pytest.mark.slow
def test_the_same_command_resumes_and_other_settings_do_not(start, tmp_path):
    assert start("output").code == 0
    output = tmp_path / "output"
    rows = json.loads((output / "comparison.json").read_text())
    # Interrupted after some networks, the same command trains those that are missing, and ends with the same weights.
    weights = {name: (output / "models" / name).read_bytes() for name in ("federated.pt", "site-2-alone.pt")}
    (output / "models" / "site-2-alone.pt").unlink()
    again = start("output")
    assert again.code == 0, again.stderr
    assert "federated: trained before" in again.stdout
    assert "site-2 alone: round 2 of 2 finished" in again.stdout
    for name, content in weights.items():
        assert (output / "models" / name).read_bytes() == content
    assert json.loads((output / "comparison.json").read_text()) == rows
    other = start("output", "--seed", "1")
    assert other.code == 1
    assert "was started with --seed 0 and cannot resume with 1" in other.stderr


@pytest.mark.skipif(bool(importlib.util.find_spec("monai_nvflare")), reason="NVIDIA FLARE is installed")
def test_without_flare_it_says_what_to_install(start, tmp_path):
    ended = start("output", "--with", "nvflare")
    assert ended.code == 1
    assert ended.stderr.splitlines()[-1].endswith("`python -m pip install -r requirements-federated.txt`.")
    assert not (tmp_path / "output").exists()


@pytest.mark.skipif(not importlib.util.find_spec("monai_nvflare"), reason="needs requirements-federated.txt")
def test_flare_s_simulator_gives_the_same_weights(start, tmp_path):
    for name, engine in (("here", "averaging"), ("flare", "nvflare")):
        ended = start(name, "--with", engine)
        assert ended.code == 0, ended.stdout + ended.stderr
    here, flare = (
        torch.load(tmp_path / name / "models" / "federated.pt", weights_only=True) for name in ("here", "flare")
    )
    torch.testing.assert_close(flare, here, rtol=0, atol=1e-5)
