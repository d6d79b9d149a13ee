import pytest
import torch
from torch.nn import functional as F

from custom.attacks import NFGSM, Misclassified


def test_by_hand(network, images, labels):
    attack = NFGSM(epsilon=0.02, seed=3)
    noise = torch.rand(images.shape, generator=torch.Generator().manual_seed(3)).to(images) * 2 - 1
    noisy = (images + 0.04 * noise).requires_grad_()
    (gradient,) = torch.autograd.grad(F.cross_entropy(network.eval()(noisy), labels, reduction="sum"), noisy)
    expected = (noisy.detach() + 0.02 * gradient.sign()).clamp(0, 1)
    found = attack(network, images, labels)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-6)
    largest = (found - images).abs().amax().item()
    assert 0.04 < largest <= 0.06 + 1e-6  # beyond epsilon, as it is not projected


def test_each_call_has_noise_of_its_own_and_each_image_its_radius(network, images, labels):
    attack = NFGSM(epsilon=0.02)
    first, second = (attack(network, images, labels) for _ in range(2))
    assert not torch.equal(first, second)
    attack.reset()
    assert torch.equal(attack(network, images, labels), first)
    radii = torch.linspace(0, 0.02, len(images))
    norms = (attack(network, images, labels, radii) - images).abs().flatten(1).amax(1)
    assert (norms <= 3 * radii + 1e-6).all()


def test_images_that_stop_early_keep_their_noise_within_the_bounds(network, images, labels):
    noise = torch.rand(images.shape, generator=torch.Generator().manual_seed(3)).to(images) * 2 - 1
    noisy = images + 0.04 * noise
    labels = network.eval()(noisy).argmax(1)
    labels[::2] = (labels[::2] + 1) % 3
    found = NFGSM(epsilon=0.02, seed=3, stop=Misclassified())(network, images, labels)
    assert torch.equal(found[::2], noisy[::2].clamp(0, 1))
    assert torch.equal(found[1::2], NFGSM(epsilon=0.02, seed=3)(network, images, labels)[1::2])


@pytest.mark.parametrize("wrong", [{"norm": "l2"}, {"steps": 2}, {"noise": -1}])
def test_bad_configuration(wrong):
    with pytest.raises(ValueError, match=r"N-FGSM takes one step in the l-infinity norm|noise must be a finite number"):
        NFGSM(epsilon=0.02, **wrong)
