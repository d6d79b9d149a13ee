import pytest
import torch

from custom.attacks import FGSM, PGD, StrongAttack, perturbation_norm
from custom.explorer import ATTACKS, Threat, radius_scale
from tests.explorer.conftest import Means


@pytest.mark.parametrize(("name", "kind"), [("pgd", PGD), ("fgsm", FGSM), ("strong", StrongAttack)])
@pytest.mark.parametrize("norm", ["l2", "linf"])
def test_every_attack_reaches_the_sphere(name, kind, norm):
    attack = Threat(name, norm, 0.05).create()
    assert type(attack) is kind
    assert attack.exact
    images = torch.full((1, 3, 8, 8), 0.5)
    found = attack(Means(), images, torch.tensor([0]))
    assert perturbation_norm(found - images, norm).item() == pytest.approx(0.05, rel=1e-4)


def test_every_attack_of_the_page_can_be_made():
    assert [Threat(name, "l2", 0.1).create().epsilon for name in ATTACKS] == [0.1] * 3


def test_an_unknown_attack_is_named():
    with pytest.raises(ValueError, match=r"Unknown attack 'ddos'; use one of pgd, fgsm, strong\."):
        Threat("ddos", "l2", 0.1)


def test_the_slider_begins_at_the_radius_of_the_training():
    scale = radius_scale("l2", [{}, {"norm": "l2", "epsilon": 0.17}, {"norm": "linf", "epsilon": 0.5}])
    assert (scale.start, scale.maximum, scale.step, scale.unit) == (0.17, 0.68, 0.0085, 1.0)


def test_gray_levels_are_the_unit_of_l_infinity():
    scale = radius_scale("linf", [{"norm": "linf", "epsilon": 2 / 255}])
    assert (scale.start, scale.maximum, scale.step, scale.unit) == (2.0, 8.0, 0.1, 1 / 255)


@pytest.mark.parametrize(("norm", "start"), [("l2", 0.3), ("linf", 1.0)])
def test_without_a_training_it_begins_at_that_of_an_evaluation(norm, start):
    assert radius_scale(norm, [{}]).start == start
