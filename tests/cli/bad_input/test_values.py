"""Words that are no values of a key, given to the commands."""

import itertools
import json
import shlex
from functools import cache

import pytest

from custom.cli import run_steps
from custom.cli.values import VALUES
from tests.cli.programs import content, run_program, run_step_here

from .commands import ROOT, refused

BAD = [
    *("nan", "inf", "-inf", "-1", "0.5", "1e400", "abc", "''", "' '", "[1,2]", "{}", "None", "True"),
    *("../../x", "'$1/0'"),
]
"""Words that few keys take."""


@cache
def wrong_words():
    """For every key of the table the words that are not a value of it."""
    from custom.cli.arguments import as_meant
    from custom.cli.command_line import CommandLine

    wrong = {}
    for key, word in itertools.product(VALUES, BAD):
        words = [str(ROOT / "monai/bundle/__main__.py"), "run", *as_meant([f"--{key}={word.strip(chr(39))}"])]
        line = CommandLine.read([*words, "--config_file", "bundle/configs/train.json"])
        value = line.overrides.get(key)
        # $None is refused once expressions are resolved.
        if VALUES[key].wrong(None if value == "$None" else value) is not None and value not in ("$None", "$1/0"):
            wrong.setdefault(key, []).append(word)
    return wrong


def in_turn(share):
    """Every key with one of ``share`` of its wrong words, so that every word is met by some keys."""
    cases = enumerate(wrong_words().items())
    return [(key, word) for number, (key, words) in cases for word in words[number % min(share, len(words)) :: share]]


def slow_but(default, cases):
    """All cases; those that are not in ``default`` find little beyond it."""
    return [pytest.param(*case, marks=[] if case in default else pytest.mark.slow) for case in cases]


@pytest.mark.parametrize(("key", "word"), slow_but(in_turn(4), in_turn(1)))
def test_a_value_that_is_none(key, word):
    config = json.loads((ROOT / "bundle/configs/train.json").read_text())
    files = "train.json" if key in config else "evaluate.json" if key != "explanations_dir" else "explain.json"
    configs = f"bundle/configs/train.json,bundle/configs/{files}"
    said = refused(f"custom.bundle run run --config_file {configs} --{key}={word}")
    assert said.startswith(f"error: {key} ")


# That the table is asked here, too, shows in a few.
@pytest.mark.parametrize(("key", "word"), slow_but(in_turn(len(BAD))[::8], in_turn(len(BAD))))
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


def after_verbs(cases):
    return [(verb, key, word) for key, word in cases for verb, (_, keys) in VERBS.items() if key in keys]


@pytest.mark.parametrize(("verb", "key", "word"), slow_but(after_verbs(in_turn(len(BAD))), after_verbs(in_turn(1))))
def test_a_value_that_is_none_after_a_verb(verb, key, word, run, synthetic_data, monkeypatch):
    monkeypatch.setattr(run_steps, "_run", run_step_here)
    before = content(synthetic_data), content(run)
    line = VERBS[verb][0].format(run=run, data=synthetic_data)
    said = refused(["custom", *shlex.split(line), f"--{key}={word.strip(chr(39))}"])
    assert f"{key} " in said
    assert (content(synthetic_data), content(run)) == before
