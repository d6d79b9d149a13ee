import torch

from custom.attacks import FGSM


def test_is_one_signed_step_of_the_radius(network, images, labels):
    x = images.clone().requires_grad_()
    network.eval()
    torch.nn.functional.cross_entropy(network(x), labels).backward()
    for epsilon in (1 / 255, 0.1):
        expected = (images + epsilon * x.grad.sign()).clamp(0, 1)
        torch.testing.assert_close(FGSM()(network, images, labels, epsilon), expected, rtol=0, atol=1e-6)


def test_default_is_one_gray_level(network, images, labels):
    assert ((FGSM()(network, images, labels) - images).abs().max() * 255).round() == 1
