import pytest
import torch

from custom.attacks import FGSM, PGD, AutoAttack
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


def test_copies_at_other_radii_keep_their_strength_and_share_nothing():
    autoattack = AutoAttack(epsilon=0.3, num_classes=3)
    table = {"pgd20": PGD(epsilon=0.3, steps=20, step_fraction=0.5), "autoattack": autoattack}
    selected = select_attacks(table, ["autoattack"], {"pgd20": [4.0, 8.0], "autoattack": [0.1]})
    assert selected["pgd20@4"].step_length(torch.tensor([4.0])).item() == 2.0
    assert selected["autoattack@0.1"].warnings is not autoattack.warnings


def test_a_step_that_cannot_reach_a_radius_and_rounding_accelerations_are_refused():
    fixed = {"pgd20": PGD(epsilon=0.3, steps=20, step_size=0.15)}
    with pytest.raises(ValueError, match=r"The steps \(20, the first of 0.15\) reach 3, not the radius 4"):
        select_attacks(fixed, [], {"pgd20": [4.0]})
    reduced = {"pgd20": PGD(epsilon=0.3, steps=20, accelerations="bfloat16")}
    with pytest.raises(ValueError, match="The accelerations of pgd20 round the network"):
        select_attacks(reduced, ["pgd20"])
