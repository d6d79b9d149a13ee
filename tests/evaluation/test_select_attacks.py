import pytest

from custom.attacks import FGSM, PGD
from custom.evaluation import select_attacks

TABLE = {"fgsm": FGSM(epsilon=0.1), "pgd20": PGD(epsilon=0.3, steps=20, norm="l2")}


def test_names_in_the_order_asked_for_and_clean_is_no_attack():
    selected = select_attacks(TABLE, ["pgd20", "clean", "fgsm"])
    assert list(selected) == ["pgd20", "fgsm"]
    assert selected["fgsm"] is TABLE["fgsm"]


def test_a_grid_leaves_the_table_alone():
    selected = select_attacks(TABLE, ["fgsm"], {"pgd20": [0, 0.6]})
    assert {name: attack.epsilon for name, attack in selected.items()} == {
        "fgsm": 0.1,
        "pgd20@0": 0.0,
        "pgd20@0.6": 0.6,
    }
    assert TABLE["pgd20"].epsilon == 0.3
    assert selected["pgd20@0.6"].steps == 20


@pytest.mark.parametrize(
    ("names", "epsilons", "sentence"),
    [
        (["pgd21"], {}, "Unknown attack 'pgd21': known are clean, fgsm, pgd20."),
        ([], {"cw": [0.1]}, "Unknown attack 'cw'"),
        ([], {"pgd20": [-0.1]}, "epsilon of pgd20 must be a number >= 0, not -0.1."),
        ([], {"pgd20": [float("nan")]}, "not nan"),
    ],
)
def test_bad_names_and_radii_get_one_sentence(names, epsilons, sentence):
    with pytest.raises(ValueError, match=sentence):
        select_attacks(TABLE, names, epsilons)
