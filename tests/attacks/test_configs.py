"""The training adversary that train.json describes."""

import pytest
import torch
from monai.bundle import ConfigParser
from torch import nn

from custom.attacks import perturbation_norm


def training_attack(root, **overrides):
    """The attack of train.json with these overrides."""
    parser = ConfigParser()
    parser.read_config(root / "bundle" / "configs" / "train.json")
    parser.update(overrides)
    return parser.get_parsed_content("attack")


def test_the_default_is_that_of_the_paper(root):
    attack = training_attack(root)
    settings = (attack.epsilon, attack.norm, attack.steps, attack.step_size, attack.step_rule)
    assert settings == (0.3, "l2", 7, 0.15, "normalized")


@pytest.mark.parametrize("overrides", [{}, {"epsilon": 1.2}, {"norm": "linf", "epsilon": 4 / 255}])
def test_the_rule_follows_the_norm_and_the_step_the_radius(root, overrides):
    attack = training_attack(root, **overrides)
    torch.manual_seed(0)
    network, images = nn.Sequential(nn.Flatten(), nn.Linear(192, 3)), torch.rand(8, 3, 8, 8) * 0.2 + 0.4
    found = attack(network, images, torch.arange(8) % 3)
    # On a linear network every image ends on the sphere.
    torch.testing.assert_close(
        perturbation_norm(found - images, attack.norm), torch.full((8,), attack.epsilon), rtol=1e-4, atol=0
    )
    assert attack.step_size == pytest.approx(attack.epsilon / 2)


def test_a_fixed_step_and_radii_per_sample(root):
    attack = training_attack(root, step_size=0.15, epsilon=0.6)
    assert attack.step_length(torch.tensor([0.1, 0.6])).tolist() == pytest.approx([0.15, 0.15])


def test_what_does_not_fit_is_one_sentence(root):
    for overrides, message in (
        ({"norm": "linf", "step_rule": "normalized"}, "step_rule 'normalized' does not fit norm 'linf'"),
        ({"step_size": 0.01}, r"The steps \(7, the first of 0.01\) reach 0.07, not the radius 0.3"),
        ({"epsilon": float("inf")}, "epsilon must be a finite number"),
        ({"steps": 0}, "steps must be a whole number, at least 1, not 0"),
        ({"accelerations": "fast"}, "Unknown accelerations 'fast'"),
    ):
        with pytest.raises(RuntimeError) as error:
            training_attack(root, **overrides)
        with pytest.raises(ValueError, match=message):
            raise error.value.__cause__
