import pytest
import torch
from monai.data import MetaTensor

from custom.attacks import FGSM, PGD, Attack

ATTACK = PGD(epsilon=0.3, steps=3, step_size=0.15)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"epsilon": -0.1}, "epsilon must be a finite number >= 0, not -0.1"),
        ({"epsilon": float("nan")}, "epsilon must be a finite number >= 0, not nan"),
        ({"epsilon": float("inf")}, "epsilon must be a finite number >= 0, not inf"),
        ({"epsilon": 0.1, "norm": "L2"}, "Unknown norm 'L2'; use one of l2, linf"),
        ({"epsilon": "large"}, "epsilon must be a finite number >= 0, not large"),
        ({"epsilon": None}, "epsilon must be a finite number >= 0, not None"),
        ({"epsilon": 0.1, "bounds": (1.0, 0.0)}, "lowest < highest"),
        ({"epsilon": 0.1, "batch_norm": "train"}, "Unknown batch_norm mode 'train'"),
    ],
)
def test_bad_configuration_is_one_sentence(arguments, message):
    with pytest.raises(ValueError, match=message) as error:
        FGSM(**arguments)
    assert "\n" not in str(error.value)


def test_bad_call_is_one_sentence(network, images, labels):
    with pytest.raises(ValueError, match="epsilon must be finite and >= 0, not -1"):
        ATTACK(network, images, labels, torch.tensor([0.1, 0.1, -1.0, 0.1, 0.1, 0.1]))
    with pytest.raises(ValueError, match="epsilon must be finite and >= 0, not inf"):
        ATTACK(network, images, labels, torch.full((6,), float("inf")))
    with pytest.raises(ValueError, match=r"one radius per sample, \(6,\), not \(5,\)"):
        ATTACK(network, images, labels, torch.ones(5))
    with pytest.raises(ValueError, match=r"one class index per image, \(6,\), not \(6, 1\)"):
        ATTACK(network, images, labels[:, None])
    with pytest.raises(ValueError, match=r"Images must lie in \[0, 1\], not in \[-1, "):
        ATTACK(network, images * 2 - 1, labels)


def test_epsilon_of_a_call_replaces_the_configured_one(network, images, labels):
    radii = torch.tensor([0.0, 0.05, 0.1, 0.2, 0.3, 0.6])
    together = ATTACK(network, images, labels, radii)
    for i in range(6):
        one = slice(i, i + 1)
        alone = PGD(epsilon=0.3, steps=3, step_size=0.15)(network, images[one], labels[one], radii[one])
        torch.testing.assert_close(together[i : i + 1], alone, rtol=0, atol=1e-6)
    assert torch.equal(ATTACK(network, images, labels, 0.3), ATTACK(network, images, labels))


@pytest.mark.parametrize("mode", [torch.no_grad, torch.enable_grad])
def test_result_is_plain_detached_and_of_the_images_dtype(network, images, labels, mode):
    for dtype in (torch.float32, torch.float64):
        network.to(dtype)
        with mode():
            found = ATTACK(network, MetaTensor(images.to(dtype)), MetaTensor(labels))
        assert type(found) is torch.Tensor
        assert found.dtype == dtype
        assert not found.requires_grad
        torch.testing.assert_close(found, ATTACK(network, images.to(dtype), labels))


def test_images_are_not_written_to(network, images, labels):
    before = images.clone()
    ATTACK(network, images, labels)
    assert torch.equal(images, before)
    assert not images.requires_grad


def test_loss_is_seen_in_the_mode_of_the_attack(network, images, labels):
    network.train()
    loss = ATTACK.cross_entropy(network, images, labels)
    assert network.training
    expected = torch.nn.functional.cross_entropy(network.eval()(images), labels, reduction="none")
    torch.testing.assert_close(loss, expected.detach())
    assert not loss.requires_grad


def test_empty_batch(network, images, labels):
    assert ATTACK(network, images[:0], labels[:0]).shape == (0, 3, 9, 9)


@pytest.mark.parametrize("mode", ["evaluation", "training"])
def test_network_is_as_found_after_an_error_mid_attack(network, images, labels, mode):
    class Failing(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.network, self.calls = network, 0

        def forward(self, images):
            self.calls += 1
            if self.calls == 3:
                raise RuntimeError("out of memory")
            return self.network(images)

    failing = Failing().train()
    network[1].eval()
    before = {name: value.clone() for name, value in failing.state_dict().items()}
    random_state = torch.get_rng_state()
    with pytest.raises(RuntimeError, match="out of memory"):
        PGD(epsilon=0.3, steps=5, batch_norm=mode)(failing, images, labels)
    assert [module.training for module in network] == [True, False, True, True, True, True, True]
    assert all(parameter.requires_grad and parameter.grad is None for parameter in failing.parameters())
    assert all(torch.equal(value, before[name]) for name, value in failing.state_dict().items())
    assert torch.equal(torch.get_rng_state(), random_state)


def test_an_attack_needs_only_perturb(network, images, labels):
    class Brighter(Attack):
        def perturb(self, network, images, labels, epsilon):
            return (images + epsilon[:, None, None, None]).clamp(*self.bounds)

    found = Brighter(epsilon=0.1, norm="linf")(network, images, labels)
    torch.testing.assert_close(found, (images + 0.1).clamp(0, 1))
