"""Damaged data sets, with every command that reads one."""

import copy
import json

import pytest

from custom.runs.folder import release
from tests.cli.programs import content

from .commands import EVALUATION, SMALL, TRAIN, refused, some_are_slow


def changed(*path, value):
    def change(datalist):
        for name in path[:-1]:
            datalist = datalist[name]
        datalist[path[-1]] = value

    return change


def first_items(**entries):
    def change(datalist):
        for split in ("training", "validation", "test"):
            datalist[split][0] |= entries
            for name in [name for name, value in entries.items() if value is ...]:
                del datalist[split][0][name]

    return change


DATALISTS = {
    "missing": None,
    "empty": "",
    "text": "images",
    "a list": "[]",
    "no splits": "{}",
    "null": "null",
    "labels null": changed("labels", value=None),
    "labels a list": changed("labels", value=["a", "b", "c"]),
    "two classes of one name": changed("labels", value={"0": "A", "1": "A", "2": "B"}),
    "no labels": changed("labels", value={}),
    "labels with gaps": changed("labels", value={"0": "A", "2": "B", "5": "C"}),
    "a word for items": changed("test", value="all"),
    "no image": first_items(image=...),
    "no label": first_items(label=...),
    "a number for an image": first_items(image=5),
    "an absent image": first_items(image="gone.png"),
    "no image inside": first_items(image="datalist.json"),
    "label too great": first_items(label=9),
    "label negative": first_items(label=-1),
    "label a word": first_items(label="MEL"),
    "label a fraction": first_items(label=1.5),
    "label null": first_items(label=None),
}
USERS = {
    "train": f"{TRAIN} --dataset_dir {{data}} --output_dir {{data}}/run --method at {SMALL}",
    "evaluate": "custom.bundle run evaluating --config_file {run}/config.json,bundle/configs/evaluate.json "
    f"--checkpoint {{run}}/model.pt --dataset_dir {{data}} --output_dir {{data}}/evaluation {EVALUATION}",
    "any classifier": "scripts/evaluate_model.py {run}/model.pt --architecture squeezenet1_1 --classes MEL BKL NV "
    "--size 48 --data {data} --attacks fgsm --check-images 0 --output {data}/evaluation",
    "compare explanations": "scripts/explain.py {run} --data {data} --output {data}/explanations",
}


@pytest.mark.parametrize(("damage", "command"), some_are_slow(DATALISTS, USERS, ("train", "evaluate")))
def test_a_damaged_data_set(damage, command, run, synthetic_data, tmp_path):
    if damage == "a word for items" and command == "train":
        pytest.skip("a training does not read the test split")
    data = tmp_path / "data"
    data.mkdir()
    (data / "images").symlink_to(synthetic_data / "images")
    change = DATALISTS[damage]
    if callable(change):
        datalist = copy.deepcopy(json.loads((synthetic_data / "datalist.json").read_text()))
        change(datalist)
        (data / "datalist.json").write_text(json.dumps(datalist))
    elif change is not None:
        (data / "datalist.json").write_text(change)
    before = content(data)
    refused(USERS[command].format(run=run, data=data))
    release()  # as at the end of the process
    assert content(data) == before
