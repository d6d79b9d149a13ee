"""Bad input to every command: an exit code, at most three lines, no traceback, and nothing lost.

Values, damaged checkpoints, data sets and configs, each with every command that takes them, run in this process. The
combinations that find little beyond the others are marked ``slow``.
"""

import copy
import itertools
import json
import os
import pickle
import shlex
import shutil
from pathlib import Path

import pytest
import torch

from custom.cli import steps
from custom.cli.values import VALUES
from custom.runs.folder import release
from tests.cli.programs import content, run_program, run_step_here

ROOT = Path(__file__).parents[2]
TRAIN = "custom.bundle run training --config_file bundle/configs/train.json,bundle/configs/quickstart.json"
SMALL = "--image_size 32 --steps 2 --fine_tuning_epochs 1 --num_workers 0 --record False"
EVALUATION = (
    "--attacks \"['fgsm']\" --check_images 0 --curve_images 0 --corruption_images 0 --resamples 10 --record False"
)


@pytest.fixture(autouse=True)
def in_the_root(monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("MONAI_DEBUG", raising=False)


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


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--method trades --beta -1", "beta must be a number, at least 0, or None, not -1."),
        ("--method hat --method_options#teacher runs/std --method_options#gamma -1", "gamma must be a number of at"),
        ("--method cfa --method_options#warm_up -1", "warm_up must be a whole number of at least 0, got -1."),
        (
            "--method amat --xi 2 --method_options#stop_at_xi perhaps",
            "stop_at_xi must be True or False, not 'perhaps'.",
        ),
        ("--method fat --method_options#tau 0.5", "tau must be a whole number >= 0, not 0.5."),
        ("--method trades --method_options#betta 1", "Method 'trades' has no hyperparameter 'betta'; it takes beta"),
        ("--method traeds", "method must be one of"),
        ("--epsilon_schedule 1.5", "epsilon_schedule must be a number from 0 to 1, not 1.5."),
        ("--awp -0.1", "awp must be a number, at least 0, not -0.1."),
        ("--validated_weights raw", "validated_weights must be both or averaged, not 'raw'."),
        (
            "--activation_checkpointing True",
            "activation_checkpointing needs a pass of each half: pass joint_pass False",
        ),
        (
            "--method iaat --fine_tuning_epochs 3",
            "The warm_up of iaat, 10 epochs, is as long as the whole training of 3",
        ),
    ],
)
def test_a_training_method_that_cannot_be(options, message, synthetic_data, tmp_path):
    places = f"--dataset_dir {synthetic_data} --output_dir {tmp_path / 'run'} --record False --num_workers 0"
    said = refused(f"{TRAIN} {places} {options}")
    assert said.startswith(f"error: {message}"), said
    # A folder that was claimed goes with the process.
    assert set(content(tmp_path)) <= {"run/.lock"}


def test_an_unknown_recipe():
    line = TRAIN.replace("quickstart.json", "recipe_best.json")
    assert "recipe_best.json" in refused(line)


BAD = [
    *("nan", "inf", "-inf", "-1", "0.5", "1e400", "abc", "''", "' '", "[1,2]", "{}", "None", "True"),
    *("../../x", "'$1/0'"),
]
"""Words that few keys take."""


def values():
    """Every key of the table with every word that is not a value of it."""
    from custom.cli.arguments import as_meant
    from custom.cli.command_line import CommandLine

    for key, word in itertools.product(VALUES, BAD):
        words = [str(ROOT / "monai/bundle/__main__.py"), "run", *as_meant([f"--{key}={word.strip(chr(39))}"])]
        line = CommandLine.read([*words, "--config_file", "bundle/configs/train.json"])
        value = line.overrides.get(key)
        # $None is refused once expressions are resolved.
        if VALUES[key].wrong(None if value == "$None" else value) is not None and value not in ("$None", "$1/0"):
            yield key, word


@pytest.mark.parametrize(("key", "word"), list(values()))
def test_a_value_that_is_none(key, word):
    config = json.loads((ROOT / "bundle/configs/train.json").read_text())
    files = "train.json" if key in config else "evaluate.json" if key != "explanations_dir" else "explain.json"
    configs = f"bundle/configs/train.json,bundle/configs/{files}"
    said = refused(f"custom.bundle run run --config_file {configs} --{key}={word}")
    assert said.startswith(f"error: {key} ")


def one_word_each():
    """Every key of the table with one of its wrong words, the first ones in turn."""
    wrong = {}
    for key, word in values():
        wrong.setdefault(key, []).append(word)
    return [(key, words[number % len(words)]) for number, (key, words) in enumerate(wrong.items())]


@pytest.mark.parametrize(
    ("key", "word"),
    # That the table is asked here, too, shows in a few; its answers are those of the test above.
    [
        pytest.param(*case, marks=[] if number % 4 == 0 else pytest.mark.slow)
        for number, case in enumerate(one_word_each())
    ],
)
def test_a_value_that_is_none_under_stock_monai(key, word):
    config = json.loads((ROOT / "bundle/configs/train.json").read_text())
    name, run = ("train.json", "training") if key in config else ("evaluate.json", "evaluating")
    name, run = ("explain.json", "explaining") if key == "explanations_dir" else (name, run)
    files = "['bundle/configs/train.json','bundle/configs/" + name + "']"
    outcome = run_program(["monai.bundle", "run", run, "--config_file", files, f"--{key}={word.strip(chr(39))}"])
    assert outcome.code == 1, outcome
    assert "Traceback" not in outcome.stderr + outcome.stdout, outcome.stderr
    # MONAI's own warnings come before.
    assert outcome.stderr.splitlines()[-1].startswith(f"error: {key} "), outcome.stderr


VERBS = {
    "train": (
        "train --data {data}",
        ["epsilon", "norm", "steps", "method", "image_size", "run_name"],
    ),
    "demo": ("demo --data {data} --output {data}/demo", ["epsilon", "learning_rate", "batch_size", "weight_decay"]),
    "evaluate": ("evaluate {run}", ["attacks", "epsilon_l2", "check_images", "resamples", "device", "trust"]),
    "explain": ("explain {run}", ["batch_size", "device", "num_workers", "explanations_dir"]),
    "predict": ("predict {run} {data}/images", ["batch_size", "device", "num_workers", "crop", "trust"]),
}


@pytest.mark.parametrize(
    ("verb", "key", "word"),
    [(verb, key, word) for key, word in values() for verb, (_, keys) in VERBS.items() if key in keys],
)
def test_a_value_that_is_none_after_a_verb(verb, key, word, run, synthetic_data, monkeypatch):
    monkeypatch.setattr(steps, "_run", run_step_here)
    before = content(synthetic_data), content(run)
    line = VERBS[verb][0].format(run=run, data=synthetic_data)
    said = refused(["custom", *shlex.split(line), f"--{key}={word.strip(chr(39))}"])
    assert f"{key} " in said
    assert (content(synthetic_data), content(run)) == before


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
    monkeypatch.setattr(steps, "_run", run_step_here)
    before = set(ROOT.iterdir())
    refused(line)
    assert set(ROOT.iterdir()) == before


class Malicious:
    def __reduce__(self):
        return os.system, (f"touch {os.environ['FUZZ_FOLDER']}/EXECUTED",)


def truncated(path, whole):
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])


def flipped(path, whole):
    content = bytearray(whole.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(bytes(content))


def nan_weights(path, whole):
    saved = torch.load(whole, weights_only=True)
    name = next(iter(saved["network"]))
    saved["network"][name] = saved["network"][name] * float("nan")
    torch.save(saved, path)


CHECKPOINTS = {
    "missing": lambda path, whole: None,
    "empty": lambda path, whole: path.write_bytes(b""),
    "text": lambda path, whole: path.write_text("weights"),
    "html": lambda path, whole: path.write_text("<!DOCTYPE html><html>Not found</html>"),
    "lfs": lambda path, whole: path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n"),
    "truncated": truncated,
    "flipped": flipped,
    "nan": nan_weights,
    "list": lambda path, whole: torch.save([1, 2], path),
    "nothing": lambda path, whole: torch.save({}, path),
    "words": lambda path, whole: torch.save({"network": {"weight": "heavy"}}, path),
    "another network": lambda path, whole: torch.save({"network": torch.nn.Linear(2, 3).state_dict()}, path),
    "pickle": lambda path, whole: path.write_bytes(pickle.dumps(Malicious())),
    "objects": lambda path, whole: torch.save({"network": Malicious()}, path),
    "folder": lambda path, whole: path.mkdir(),
}
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
MOST_USED = ("evaluate", "infer", "bundle")


def some_are_slow(rows, columns, always):
    return [
        pytest.param(row, column, marks=[] if column in always else pytest.mark.slow)
        for row, column in itertools.product(rows, columns)
    ]


@pytest.mark.parametrize(("damage", "command"), some_are_slow(CHECKPOINTS, READERS, MOST_USED))
def test_a_damaged_checkpoint(damage, command, run, synthetic_data, tmp_path, monkeypatch):
    monkeypatch.setenv("FUZZ_FOLDER", str(tmp_path))
    copied = tmp_path / "run"
    shutil.copytree(run, copied, ignore=shutil.ignore_patterns("model.pt", ".lock"))
    CHECKPOINTS[damage](copied / "model.pt", run / "model.pt")
    before = content(tmp_path)
    said = refused(READERS[command].format(run=copied, data=synthetic_data))
    assert str(copied) in said
    assert content(tmp_path) == before  # with the earlier evaluation in it


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


CONFIGS = {
    "missing": None,
    "empty": "",
    "text": "method: at",
    "a list": "[1, 2]",
    "nothing": "{}",
    "null": "null",
    "half": '{"method": "at", ',
    "another config": '{"backbone": "resnet18"}',
}


@pytest.mark.parametrize(("damage", "command"), some_are_slow(CONFIGS, READERS, ("evaluate", "infer")))
def test_a_damaged_config_of_a_run(damage, command, run, synthetic_data, tmp_path):
    if command == "any classifier" or (command == "infer" and damage in ("nothing", "another config")):
        pytest.skip("it reads what the weights say of themselves")
    copied = tmp_path / "run"
    shutil.copytree(run, copied, ignore=shutil.ignore_patterns("config.json", ".lock"))
    if CONFIGS[damage] is not None:
        (copied / "config.json").write_text(CONFIGS[damage])
    before = content(copied)
    refused(READERS[command].format(run=copied, data=synthetic_data))
    assert content(copied) == before
