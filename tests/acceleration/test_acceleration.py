import pytest
import torch
from torch import nn

from custom.acceleration import Acceleration, ReducedPrecision, accelerate, reduced_precision
from custom.attacks import PGD, AutoAttack
from custom.networks import TorchvisionClassifier


class Doubled(Acceleration):
    """Useless, but its effect shows."""

    def network(self, network, images):
        return nn.Sequential(network, nn.Hardtanh(-1, 1))

    def images(self, images):
        return images * 2


def test_applied_in_order_to_images_and_network():
    network, images = accelerate([Doubled(), Doubled()], nn.Identity(), torch.ones(1, 1))
    assert images.item() == 4
    assert network(images).item() == 1
    network, images = accelerate([], nn.Identity(), torch.ones(1, 1))
    assert (network(images), images) == (1, 1)


@pytest.mark.parametrize("norm", ["l2", "linf"])
def test_exact_ones_give_the_same_adversarial_images(network, images, labels, norm):
    plain = PGD(epsilon=0.3, steps=7, step_size=0.15, norm=norm)
    fast = PGD(epsilon=0.3, steps=7, step_size=0.15, norm=norm, accelerations="exact")
    expected, found = plain(network, images, labels), fast(network, images, labels)
    assert len(fast.accelerations) == 4
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-5)
    assert found.is_contiguous()
    torch.testing.assert_close(fast.cross_entropy(network, found, labels), plain.cross_entropy(network, found, labels))
    # The shared beginning of two attacks keeps its effect.
    radii = torch.linspace(0, 0.6, 6)
    path = fast.run(network, images, labels)
    again = fast.run(network, images, labels, radii, reuse=path)
    torch.testing.assert_close(again.images_adv, plain(network, images, labels, radii), rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    "name",
    [
        *("mobilenet_v2", "squeezenet1_1", "densenet121"),
        *(pytest.param(name, marks=pytest.mark.slow) for name in ("resnet18", "shufflenet_v2_x1_0")),
    ],
)
def test_exact_ones_are_the_same_attack_on_real_architectures(name):
    # In float64: in float32, rounding alone moves images where a ReLU is about to switch.
    torch.manual_seed(0)
    network = TorchvisionClassifier(name, num_classes=3).double()
    images, labels = torch.rand(4, 3, 40, 40, dtype=torch.float64), torch.tensor([0, 1, 2, 0])
    for _ in range(10):
        network(images)
    options = {"epsilon": 0.3, "steps": 4, "step_size": 0.15}
    expected = PGD(**options)(network, images, labels)
    found = PGD(accelerations="exact", **options)(network, images, labels)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-9)


def test_losses_a_method_builds_on_are_of_full_precision(network, images, labels, monkeypatch):
    monkeypatch.setattr(reduced_precision, "has_hardware", lambda dtype, device: True)
    reduced = PGD(epsilon=0.3, steps=2, step_size=0.15, accelerations=[ReducedPrecision()])
    expected = PGD(epsilon=0.3, steps=2).cross_entropy(network, images, labels)
    path = reduced.run(network, images, labels)
    torch.testing.assert_close(path.loss_clean, expected)
    torch.testing.assert_close(reduced.cross_entropy(network, images, labels), expected)
    assert (path.losses[0] - expected).abs().max() > 1e-5


def test_autoattack_takes_exact_ones_alone(network, images, labels):
    labels = network.eval()(images).argmax(1)
    options = {"epsilon": 0.3, "num_classes": 3, "square_queries": 2}
    expected = AutoAttack(**options)(network, images, labels)
    found = AutoAttack(accelerations="exact", **options)(network, images, labels)
    assert torch.equal(network(found).argmax(1), network(expected).argmax(1))
    with pytest.raises(ValueError, match="exact accelerations only"):
        AutoAttack(accelerations=[ReducedPrecision()], **options)
