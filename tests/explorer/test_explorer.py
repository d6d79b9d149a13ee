"""Predictions, flips and radii that are worked out by hand; see the classifiers of conftest."""

import gc
import math

import pytest
import torch

from custom.explorer import Explorer, Subject, Threat
from tests.explorer.conftest import EDGE, MARGIN


def test_clean_probabilities_are_those_of_the_means(standard, subject):
    clean = Explorer().clean(standard, subject)
    assert clean.probabilities == pytest.approx(torch.tensor([6.0, 4.0, 2.0]).softmax(0).tolist(), abs=1e-6)
    assert clean.predicted == 0
    assert clean.image.shape == (3, EDGE, EDGE)


@pytest.mark.parametrize(("epsilon", "flips"), [(0.0, False), (0.09, False), (0.11, True)])
@pytest.mark.parametrize("attack", ["pgd", "fgsm", "strong"])
def test_a_margin_is_gone_at_half_of_it_in_l_infinity(standard, subject, attack, epsilon, flips):
    found = Explorer().attacked(standard, subject, Threat(attack, "linf", epsilon))
    assert found.flipped is flips
    assert found.predicted == (1 if flips else 0)
    assert found.size == pytest.approx(epsilon, abs=1e-6)
    assert torch.equal(found.perturbation, found.image - subject.images["standard"][0])


def test_a_bias_withstands_what_flips_the_other(standard, robust, subject):
    explorer, threat = Explorer(), Threat("pgd", "linf", 0.15)
    assert explorer.attacked(standard, subject, threat).flipped
    assert not explorer.attacked(robust, subject, threat).flipped


def test_the_smallest_radius_is_half_the_margin_in_l_infinity(standard, robust, subject):
    explorer = Explorer()
    assert explorer.smallest_radius(standard, subject, "linf", 0.4) == pytest.approx(MARGIN / 2, rel=0.02)
    assert explorer.smallest_radius(robust, subject, "linf", 0.4) == pytest.approx(MARGIN, rel=0.02)


def test_the_smallest_radius_is_the_distance_to_the_plane_in_l2(standard, subject):
    found = Explorer().smallest_radius(standard, subject, "l2", 4.0)
    # The margin's gradient has the norm sqrt(2 / EDGE ** 2).
    assert found == pytest.approx(MARGIN * EDGE / math.sqrt(2), rel=0.02)


def test_beyond_the_limit_none_is_found(standard, subject):
    explorer = Explorer()
    assert explorer.known_radius(standard, subject, "linf", 0.05) is None
    assert explorer.smallest_radius(standard, subject, "linf", 0.05) == math.inf
    assert explorer.known_radius(standard, subject, "linf", 0.05) == math.inf


def test_a_flip_that_another_attack_found_counts(standard, subject, monkeypatch):
    explorer = Explorer()
    monkeypatch.setattr("custom.explorer.explorer.MinimalNormAttack.radii", lambda *_: torch.tensor([torch.inf]))
    assert explorer.smallest_radius(standard, subject, "linf", 0.4) == math.inf
    assert explorer.attacked(standard, subject, Threat("pgd", "linf", 0.2)).flipped
    assert explorer.attacked(standard, subject, Threat("pgd", "linf", 0.12)).flipped
    assert explorer.attacked(standard, subject, Threat("pgd", "linf", 0.3)).flipped
    assert explorer.smallest_radius(standard, subject, "linf", 0.4) == pytest.approx(0.12, abs=1e-6)
    assert explorer.smallest_radius(standard, subject, "l2", 4.0) == math.inf


def test_what_was_computed_is_not_computed_again(standard, subject, monkeypatch):
    explorer, threat = Explorer(), Threat("pgd", "linf", 0.1)
    first = explorer.attacked(standard, subject, threat), explorer.smallest_radius(standard, subject, "linf", 0.4)
    monkeypatch.setattr("custom.explorer.explorer._probabilities", lambda *_: pytest.fail("computed again"))
    monkeypatch.setattr("custom.explorer.explorer.MinimalNormAttack", lambda *_: pytest.fail("searched again"))
    again = explorer.attacked(standard, subject, threat), explorer.smallest_radius(standard, subject, "linf", 0.4)
    assert again[0] is first[0]
    assert again[1] == first[1]


def test_radii_of_images_that_are_gone_are_forgotten(standard, photograph):
    explorer = Explorer()
    subject = Subject.read(photograph, [standard])
    explorer.smallest_radius(standard, subject, "linf", 0.4)
    assert len(explorer._searched) == 1
    explorer._clean.cache_clear()
    del subject
    gc.collect()
    assert len(explorer._searched) == 0


def test_grad_cam_explains_the_class_of_the_clean_image(standard, subject):
    explorer = Explorer()
    clean = explorer.clean(standard, subject)
    # The same evidence in every place: a map without a most important one is 0.
    assert clean.saliency.shape == (EDGE, EDGE)
    assert not clean.saliency.any()


def test_the_network_is_left_as_it_was(standard, subject):
    before = [(parameter.requires_grad, parameter.clone()) for parameter in standard.network.parameters()]
    Explorer().attacked(standard, subject, Threat("strong", "l2", 0.5))
    for parameter, (requires_grad, value) in zip(standard.network.parameters(), before, strict=True):
        assert parameter.requires_grad is requires_grad
        assert parameter.grad is None
        assert torch.equal(parameter, value)
