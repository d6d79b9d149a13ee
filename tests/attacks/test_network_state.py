import pytest
import torch
from torch import nn

from custom.attacks.network_state import frozen, unwrap


def snapshot(network):
    return (
        [module.training for module in network.modules()],
        [parameter.requires_grad for parameter in network.parameters()],
        [None if parameter.grad is None else parameter.grad.clone() for parameter in network.parameters()],
        {name: value.clone() for name, value in network.state_dict().items()},
        torch.get_rng_state(),
    )


def assert_as_found(network, before):
    after = snapshot(network)
    assert after[:2] == before[:2]
    for now, then in zip(after[2], before[2], strict=True):
        assert (now is None and then is None) or torch.equal(now, then)
    assert all(torch.equal(after[3][name], value) for name, value in before[3].items())
    assert torch.equal(after[4], before[4])


@pytest.fixture
def mixed(network, images):
    """A network in training mode with a frozen BatchNorm, a frozen parameter and a gradient in place."""
    network.train()
    network[1].eval()
    network[0].bias.requires_grad_(False)
    network[-1].weight.grad = torch.ones_like(network[-1].weight)
    return network


@pytest.mark.parametrize("mode", ["evaluation", "training"])
@pytest.mark.parametrize("fails", [False, True])
def test_everything_is_put_back(mixed, images, mode, fails):
    before = snapshot(mixed)
    try:
        with frozen(mixed, mode) as inner:
            assert all(module.training == (mode == "training") for module in inner.modules())
            assert not any(parameter.requires_grad for parameter in inner.parameters())
            inner(images)
            torch.rand(3)
            if fails:
                raise RuntimeError("mid-way")
    except RuntimeError:
        assert fails
    assert_as_found(mixed, before)


def test_wrapper_is_taken_off(network):
    assert unwrap(nn.DataParallel(network)) is network
    assert unwrap(network) is network
