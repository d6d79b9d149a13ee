import json
import math
from pathlib import Path

import pytest

from custom.cli.kinds import EXPRESSION
from custom.cli.values import VALUES, check_values, plain_kind

CONFIGS = Path(__file__).parents[2] / "bundle" / "configs"

REFUSED = [
    ("epsilon", math.nan),
    ("epsilon", math.inf),
    ("epsilon", -0.1),
    ("epsilon", "large"),
    ("epsilon", True),
    ("epsilon", [0.1, 0.2]),
    ("epsilon", None),
    ("batch_size", 0),
    ("batch_size", 1.5),
    ("batch_size", "16 images"),
    ("image_size", 0),
    ("image_size", -5),
    ("image_size", 64.5),
    ("image_size", (64, 0)),
    ("image_size", (64, 64, 64, 64)),
    ("spacing", [1, -1, 1]),
    ("fine_tuning_epochs", 1.5),
    ("warm_up_epochs", -1),
    ("learning_rate", 0),
    ("learning_rate", math.inf),
    ("cache_rate", 2),
    ("cache_rate", -0.5),
    ("alpha", 1.5),
    ("beta", -1),
    ("steps", 0),
    ("seed", -1),
    ("seed", 2**32),
    ("seed", "abc"),
    ("num_workers", -1),
    ("val_interval", 0),
    ("patience", 0),
    ("run_name", ""),
    ("run_name", " "),
    ("run_name", "../../../x"),
    ("run_name", ".."),
    ("run_name", "a/b"),
    ("run_name", "a" * 300),
    ("run_name", "two\nlines"),
    ("run_name", 2024),
    ("dataset_dir", ""),
    ("dataset_dir", 20240502),
    ("method", "mixup"),
    ("method", 3),
    ("norm", "l3"),
    ("norm", "L2"),
    ("device", "gpu"),
    ("device", 0),
    ("device", "cuda:x"),
    ("resume", "yes"),
    ("resume", 1),
    ("record", None),
    ("attacks", ["fgsm", "fgsm"]),
    ("attacks", ["fgsm", ""]),
    ("attacks", 3),
    ("epsilons", {"pgd20": [0.1, math.nan]}),
    ("epsilons", [0.1]),
    ("class_names", ["MEL", "MEL"]),
    ("checkpoint", "model\0.pt"),
]


@pytest.mark.parametrize(("key", "value"), REFUSED)
def test_nonsense_is_refused_in_a_sentence_that_names_key_and_value(key, value):
    with pytest.raises(ValueError, match=f"^{key} must be .*, not ") as caught:
        check_values({key: value})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("epsilon", 0),
        ("epsilon", 4 / 255),
        ("epsilon", "$4 / 255"),
        ("image_size", 64.0),
        ("fine_tuning_epochs", 0),
        ("learning_rate", 1e-5),
        ("cache_rate", 0),
        ("cache_rate", 1),
        ("step_size", None),
        ("xi", None),
        ("weights", None),
        ("weights", "none"),
        ("run_name", "dpaat 2024 Müller (2)"),
        ("dataset_dir", "/data/20240502"),
        ("device", "cuda:1"),
        ("device", "$torch.device('cpu')"),
        ("attacks", ["fgsm", "pgd20"]),
        ("attacks", "fgsm"),
        ("epsilons", {"pgd20": [0.1, 0.2], "fgsm": 0.01}),
        ("no such key", object()),
        ("network_def#dropout", -1),
    ],
)
def test_sense_passes(key, value):
    check_values({key: value}, given=True)


def test_a_range_is_said_as_it_is():
    with pytest.raises(ValueError, match=r"^cache_rate must be a number from 0 to 1, not 2\.$"):
        check_values({"cache_rate": 2})
    with pytest.raises(ValueError, match=r"^learning_rate must be a number greater than 0, not 0\.$"):
        check_values({"learning_rate": 0})
    with pytest.raises(ValueError, match=r"^batch_size must be a whole number, at least 1, not 1\.5\.$"):
        check_values({"batch_size": 1.5})


def test_a_number_in_the_place_of_a_name_says_how_to_write_it():
    with pytest.raises(ValueError, match=r"write --dataset_dir \./20240502\)\.$"):
        check_values({"dataset_dir": 20240502})
    with pytest.raises(ValueError, match=r"write --run_name '\"2024\"'\)\.$"):
        check_values({"run_name": 2024})


@pytest.mark.parametrize("start", EXPRESSION)
@pytest.mark.parametrize("key", ["run_name", "dataset_dir", "checkpoint", "output_dir"])
def test_names_on_a_command_line_never_become_code(key, start):
    name = f"{start}__import__('os').system('touch x')"
    with pytest.raises(ValueError, match=key):
        check_values({key: name}, given=True)


@pytest.mark.parametrize(
    "name",
    ["train.json", "evaluate.json", "explain.json", "inference.json", "quickstart.json", "quickstart_evaluate.json"],
)
def test_every_plain_key_of_a_config_is_in_the_table_and_its_default_passes(name):
    config = json.loads((CONFIGS / name).read_text())
    plain = {key: value for key, value in config.items() if not isinstance(value, dict) and "#" not in key}
    wiring = {"imports", "initialize", "run", "finalize", "accelerations", "explainer"}
    references = {key for key, value in plain.items() if isinstance(value, str) and value.startswith(EXPRESSION)}
    lists = {key for key, value in plain.items() if isinstance(value, list)}
    assert set(plain) - wiring - references - lists <= set(VALUES), "new keys have a line in custom/cli/values.py"
    check_values(plain)


def test_optional_keys_keep_their_kind():
    assert plain_kind("weights") == VALUES["weights"].value
    assert plain_kind("no such key") is None
