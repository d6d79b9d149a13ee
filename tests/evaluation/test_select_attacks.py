import pytest
import torch

from custom.attacks import FGSM, PGD, AutoAttack, StrongAttack
from custom.evaluation import select_attacks

TABLE = {"fgsm": FGSM(epsilon=0.1), "pgd20": PGD(epsilon=0.3, steps=20, norm="l2")}


def test_names_in_the_order_asked_for_and_clean_is_no_attack():
    selected = select_attacks(TABLE, ["pgd20", "clean", "fgsm"])
    assert [item.name for item in selected] == ["pgd20", "fgsm"]
    assert selected[1].attack is TABLE["fgsm"]


def test_a_grid_leaves_the_table_alone_and_radii_are_numbers():
    selected = select_attacks(TABLE, ["fgsm"], {"pgd20": [0, 0.6]})
    assert [item.key for item in selected] == [("fgsm", "linf", 0.1), ("pgd20", "l2", 0.0), ("pgd20", "l2", 0.6)]
    assert [item.further_radius for item in selected] == [False, True, True]
    assert TABLE["pgd20"].epsilon == 0.3
    assert selected[2].attack.steps == 20


def test_radii_so_close_that_their_names_would_be_the_same_are_two():
    selected = select_attacks(TABLE, [], {"fgsm": [0.10000001, 0.10000002]})
    assert len({item.key for item in selected}) == 2


def test_one_name_and_one_radius_need_no_list():
    assert [item.key.epsilon for item in select_attacks(TABLE, "fgsm", {"fgsm": 0.2})] == [0.1, 0.2]


def test_the_attacks_own_radius_and_repeated_names_run_once():
    assert len(select_attacks(TABLE, ["fgsm", "fgsm"], {"fgsm": [0.1]})) == 1


def test_what_attacks_survivors_alone_comes_last():
    table = {"strong": StrongAttack(epsilon=0.3), **TABLE}
    selected = select_attacks(table, ["strong", "fgsm", "pgd20"])
    assert [(item.name, item.survivors_only) for item in selected] == [
        ("fgsm", False),
        ("pgd20", False),
        ("strong", True),
    ]


@pytest.mark.parametrize(
    ("names", "epsilons", "sentence"),
    [
        (["pgd21"], {}, "Unknown attack 'pgd21'; use clean, fgsm, pgd20."),
        ([], {"cw": [0.1]}, "Unknown attack 'cw'"),
        ([], {"pgd20": [-0.1]}, "epsilon of pgd20 must be a number >= 0, not -0.1."),
        ([], {"pgd20": [float("nan")]}, "not nan"),
        ("fgms", {}, "Unknown attack 'fgms'"),
        ([], {"pgd20": "0.1"}, "epsilons of pgd20 must be a list of numbers, not '0.1'."),
        ([], {"pgd20": ["a"]}, "epsilon of pgd20 must be a number >= 0, not a."),
        ([], [0.1], "epsilons must name attacks and their radii"),
    ],
)
def test_bad_names_and_radii_get_one_sentence(names, epsilons, sentence):
    with pytest.raises(ValueError, match=sentence):
        select_attacks(TABLE, names, epsilons)


def test_copies_at_other_radii_keep_their_strength_and_share_nothing():
    autoattack = AutoAttack(epsilon=0.3, num_classes=3)
    table = {"pgd20": PGD(epsilon=0.3, steps=20, step_fraction=0.5), "autoattack": autoattack}
    selected = select_attacks(table, ["autoattack"], {"pgd20": [4.0, 8.0], "autoattack": [0.1]})
    by_key = {item.key: item.attack for item in selected}
    assert by_key["pgd20", "l2", 4.0].step_length(torch.tensor([4.0])).item() == 2.0
    assert by_key["autoattack", "l2", 0.1].warnings is not autoattack.warnings


def test_a_step_that_cannot_reach_a_radius_and_rounding_accelerations_are_refused():
    fixed = {"pgd20": PGD(epsilon=0.3, steps=20, step_size=0.15)}
    with pytest.raises(ValueError, match=r"The steps \(20, the first of 0.15\) reach 3, not the radius 4"):
        select_attacks(fixed, [], {"pgd20": [4.0]})
    reduced = {"pgd20": PGD(epsilon=0.3, steps=20, accelerations="bfloat16")}
    with pytest.raises(ValueError, match="The accelerations of pgd20 round the network"):
        select_attacks(reduced, ["pgd20"])
