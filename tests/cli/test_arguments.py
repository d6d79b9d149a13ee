import shlex

import fire
import pytest

from custom.cli.arguments import as_meant


def read(line):
    """What Fire makes of a command line."""
    return fire.Fire(lambda **given: given, command=as_meant(shlex.split(line)), name="monai.bundle")


@pytest.mark.parametrize(
    ("line", "given"),
    [
        ("--run_name 2024", {"run_name": "2024"}),
        ("--run_name=2024", {"run_name": "2024"}),
        ("--run-name 2024", {"run_name": "2024"}),
        ("--dataset_dir 20240502", {"dataset_dir": "20240502"}),
        ("--run_name 1e3", {"run_name": "1e3"}),
        ("--run_name True", {"run_name": "True"}),
        ("--run_name a,b", {"run_name": "a,b"}),
        ("--run_name '[a]'", {"run_name": "[a]"}),
        ('--run_name "it\'s"', {"run_name": "it's"}),
        ("--run_name '\"2024\"'", {"run_name": "2024"}),  # as stock MONAI needs it
        ("--run_name '#1'", {"run_name": "#1"}),
        ("--run_name ''", {"run_name": ""}),
        ("--weights None", {"weights": "$None"}),
        ("--weights=None", {"weights": "$None"}),
        ("--weights none", {"weights": "none"}),
        ("--xi None --epsilon 0.3", {"xi": "$None", "epsilon": 0.3}),
        ("--train#trainer#amp None", {"train#trainer#amp": "$None"}),
        ("--epsilon 0.3 --resume --steps 5", {"epsilon": 0.3, "resume": True, "steps": 5}),
        ("--attacks \"['fgsm','pgd20']\"", {"attacks": ["fgsm", "pgd20"]}),
        ("--epsilon -1", {"epsilon": -1}),
        ("--config_file a/b.json,c.json", {"config_file": ["a/b.json", "c.json"]}),
        ("--config_file a/b.json", {"config_file": "a/b.json"}),
        ("--config_file \"['a.json','b.json']\"", {"config_file": ["a.json", "b.json"]}),
    ],
)
def test_words_stay_words_and_none_stays_none(line, given):
    assert read(line) == given
