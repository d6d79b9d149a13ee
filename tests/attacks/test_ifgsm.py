import pytest
import torch

from custom.attacks import IFGSM, PGD


@pytest.mark.parametrize("epsilon", [1 / 255, 8 / 255])
def test_is_linf_pgd_with_a_step_that_follows_the_radius(network, images, labels, epsilon):
    expected = PGD(epsilon=epsilon, step_size=epsilon / 4, steps=10, norm="linf")(network, images, labels)
    torch.testing.assert_close(IFGSM()(network, images, labels, epsilon), expected, rtol=0, atol=1e-6)
    expected = PGD(epsilon=epsilon, step_size=epsilon / 10, steps=20, norm="linf")(network, images, labels)
    found = IFGSM(steps=20, step_fraction=0.1)(network, images, labels, epsilon)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-6)


def test_bad_fraction_is_one_sentence():
    with pytest.raises(ValueError, match="step_fraction must be greater than 0 and finite, not 0"):
        IFGSM(step_fraction=0)
