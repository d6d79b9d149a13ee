import json
import shutil

import pytest

from custom.runs import Run, read_config, write_config
from custom.runs.places import absolute_places, moved_places
from tests.cli.programs import run_program
from tests.runs.complete import BRIEF


@pytest.fixture
def work(tmp_path, monkeypatch):
    """A working directory with a data set, weights and a run in it."""
    folder = tmp_path / "work"
    for name in ("data/a#b", "bundle/runs/at"):
        (folder / name).mkdir(parents=True)
    (folder / "start.pth").touch()
    monkeypatch.chdir(folder)
    return folder


WRITTEN = {
    "bundle_root": "bundle",
    "dataset_dir": "data/a#b",
    "datalist": "$@dataset_dir + '/datalist.json'",
    "runs_dir": "$@bundle_root + '/runs'",
    "output_dir": {"_target_": "custom.runs.run_folder", "root": "@runs_dir"},
    "weights": "start.pth",
}


def test_a_config_is_written_with_absolute_places(work):
    written = absolute_places(WRITTEN, "bundle/runs/at")
    assert written == {
        **WRITTEN,
        "bundle_root": str(work / "bundle"),
        "dataset_dir": f"$'{work}/data/a\\x23b'",  # MONAI rewrites the separator of ids
        "output_dir": str(work / "bundle" / "runs" / "at"),
        "weights": str(work / "start.pth"),
    }
    assert absolute_places({"method": "at", "weights": "IMAGENET1K_V1"}, "run") == {
        "method": "at",
        "weights": "IMAGENET1K_V1",
    }


def test_places_are_found_again_where_they_lay_as_seen_from_the_run(work):
    config = absolute_places(WRITTEN, work / "bundle" / "runs" / "at")
    assert moved_places(config, work / "bundle" / "runs" / "at") == {}
    copied = shutil.copytree(work / "bundle" / "runs" / "at", work.parent / "copy" / "at")
    of_the_run = {"output_dir": str(copied), "runs_dir": str(copied.parent)}
    assert moved_places(config, copied) == of_the_run  # the rest is where it was
    renamed = work.rename(work.parent / "renamed")
    run = renamed / "bundle" / "runs" / "at"
    assert moved_places(config, run) == {
        "output_dir": str(run),
        "runs_dir": str(run.parent),
        "bundle_root": str(renamed / "bundle"),
        "dataset_dir": f"$'{renamed}/data/a\\x23b'",
        "weights": str(renamed / "start.pth"),
    }
    # Above the copy there are folders, but neither the data nor the weights.
    assert moved_places(config, copied) == {**of_the_run, "bundle_root": str(work.parent)}


def test_relative_places_of_earlier_versions_are_found_from_another_directory(work, monkeypatch):
    run = work / "bundle" / "runs" / "at"
    assert moved_places(WRITTEN, run) == {}
    monkeypatch.chdir(work.parent)
    assert moved_places(WRITTEN, run) == {
        "bundle_root": str(work / "bundle"),
        "dataset_dir": f"$'{work}/data/a\\x23b'",
        "weights": str(work / "start.pth"),
    }


def test_a_config_read_back_has_the_places_of_today(work):
    write_config(work / "bundle" / "runs" / "at", WRITTEN)
    run = work.rename(work.parent / "renamed") / "bundle" / "runs" / "at"
    assert read_config(run).get_parsed_content("datalist") == str(work.parent / "renamed/data/a#b/datalist.json")
    (work.parent / "own.json").write_text(json.dumps({"dataset_dir": "/mine"}))
    assert read_config(run, work.parent / "own.json")["dataset_dir"] == "/mine"


LATER = ("spacing", "spatial_size", "image_shape", "crop", "intensity", "step_rule", "attack_batch_norm", "check_data")


@pytest.mark.usefixtures("unsaved_figures")
def test_a_run_that_lacks_keys_of_later_versions_is_evaluated_by_their_defaults(run, root, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    earlier = shutil.copytree(run, tmp_path / "run", ignore=shutil.ignore_patterns(".lock", "evaluation"))
    config = json.loads((run / "config.json").read_text())
    for key in LATER:
        del config[key]
    config["train"]["deterministic_transforms"][2]["spatial_size"] = "$(@image_size, @image_size)"
    (earlier / "config.json").write_text(json.dumps(config))
    assert Run.read(earlier).parser.get_parsed_content("spatial_size") == (48, 48)
    files = f"{earlier}/config.json,{root}/bundle/configs/evaluate.json"
    line = f"custom.bundle run evaluating --config_file {files} --checkpoint {earlier}/model.pt {BRIEF}"
    outcome = run_program(line)
    assert outcome.code == 0, outcome.stderr
    of_today = json.loads((run / "evaluation" / "metrics.json").read_text())["clean"]["images"]["accuracy"]["value"]
    now = json.loads((earlier / "evaluation" / "metrics.json").read_text())["clean"]["images"]["accuracy"]["value"]
    assert now == of_today
