from types import SimpleNamespace

import pytest
import torch
from torch.nn import functional as F

from custom.attacks import PGD, perturbation_norm
from custom.methods.dpaat import DPAAT, rescaled

ATTACK = PGD(epsilon=0.3, step_size=0.15, steps=7, norm="l2")


@pytest.fixture
def network():
    torch.manual_seed(0)
    layers = torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.ReLU(), torch.nn.Flatten()
    network = torch.nn.Sequential(*layers, torch.nn.Dropout(0.5), torch.nn.Linear(64, 3))
    with torch.no_grad():
        network[-1].weight.mul_(5)
    return network


def perturb(handler, network, images, labels):
    examples = handler.perturb(SimpleNamespace(), network, images, labels)
    return examples.images_adv, {name: statistic.values for name, statistic in examples.statistics.items()}


def plain_algorithm_1(network, images, labels):
    """Algorithm 1 as one would write it down: two whole attacks, and losses in evaluation mode between them."""
    network.eval()
    first = ATTACK(network, images, labels)
    with torch.no_grad():
        delta = F.cross_entropy(network(first), labels, reduction="none")
        delta -= F.cross_entropy(network(images), labels, reduction="none")
    length = (first - images).flatten(1).norm(dim=1)
    gamma = 0.3 * (delta - delta.mean()).abs() / delta.mean()
    radii = torch.where(delta > delta.mean(), length - gamma, length + gamma).clamp(0, 0.6)
    return ATTACK(network, images, labels, radii), radii, delta.mean()


def test_equals_algorithm_1(network):
    images, labels = torch.rand(8, 3, 6, 6), torch.arange(8) % 3
    images_adv, statistics = perturb(DPAAT(ATTACK), network.train(), images, labels)
    assert all(module.training for module in network.modules())
    expected, radii, mean = plain_algorithm_1(network, images, labels)
    torch.testing.assert_close(statistics["epsilon"], radii, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(statistics["delta_loss"], mean, rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(images_adv, expected, rtol=0, atol=1e-4)
    assert radii.std() > 0.01  # the radii do adapt


@pytest.mark.parametrize("second", ["attack", "continue", "rescale"])
def test_every_example_is_within_its_own_radius_and_in_range(network, second):
    images, labels = torch.rand(8, 3, 6, 6).round(), torch.arange(8) % 3
    images_adv, statistics = perturb(DPAAT(ATTACK, second_examples=second), network, images, labels)
    assert (perturbation_norm(images_adv - images) <= statistics["epsilon"] + 1e-5).all()
    assert images_adv.min() >= 0
    assert images_adv.max() <= 1


def test_a_second_attack_that_continues_the_first_takes_two_more_steps(network):
    images, labels = torch.rand(8, 3, 6, 6), torch.arange(8) % 3
    calls = []
    network[0].register_forward_hook(lambda *_: calls.append(1))
    images_adv, statistics = perturb(DPAAT(ATTACK, second_examples="continue"), network, images, labels)
    assert len(calls) == 7 + 1 + 2
    network.eval()
    first, radii = ATTACK(network, images, labels), statistics["epsilon"].view(-1, 1, 1, 1)
    expected = first
    for step in (0.0, 0.15, 0.15):
        expected = expected.detach().requires_grad_()
        (gradient,) = torch.autograd.grad(F.cross_entropy(network(expected), labels, reduction="sum"), expected)
        moved = expected - images + step * gradient / gradient.flatten(1).norm(dim=1).view(-1, 1, 1, 1)
        length = moved.flatten(1).norm(dim=1).view(-1, 1, 1, 1)
        expected = (images + moved * (radii / length).clamp_max(1)).clamp(0, 1)
    torch.testing.assert_close(images_adv, expected.detach(), rtol=0, atol=1e-4)


def test_rescaling_changes_the_length_alone():
    images = torch.full((3, 1, 2, 2), 0.5)
    perturbation = torch.tensor([[3.0, 4.0, 0, 0], [0.3, 0, 0, 0.4], [0, 0, 0, 0]]).view(3, 1, 2, 2) / 100
    found = rescaled(images, images + perturbation, torch.tensor([0.05, 0.005, 0.0]), torch.tensor([0.1, 0.0, 0.2]))
    expected = torch.stack([2 * perturbation[0], 0 * perturbation[1], perturbation[2]])
    torch.testing.assert_close(found - images, expected, rtol=0, atol=1e-6)


def test_a_batch_of_one_is_attacked_with_its_own_norm(network):
    images, labels = torch.rand(1, 3, 6, 6) / 5 + 0.4, torch.tensor([1])  # nothing is clipped
    images_adv, statistics = perturb(DPAAT(ATTACK), network, images, labels)
    first = ATTACK(network, images, labels)
    torch.testing.assert_close(statistics["epsilon"], perturbation_norm(first - images))
    torch.testing.assert_close(images_adv, first, rtol=0, atol=1e-5)


def test_epsilon_zero_is_the_identity(network):
    images, labels = torch.rand(4, 3, 6, 6), torch.arange(4) % 3
    handler = DPAAT(PGD(epsilon=0.0, step_size=0.15, steps=2, norm="l2"))
    images_adv, statistics = perturb(handler, network, images, labels)
    assert torch.equal(images_adv, images)
    assert bool(statistics["degenerate"])


def test_unknown_second():
    with pytest.raises(ValueError, match="second_examples must be one of attack, continue, rescale, not 'again'"):
        DPAAT(ATTACK, second_examples="again")


def test_without_reuse_the_second_attack_asks_for_every_gradient_and_finds_the_same(network):
    images, labels = torch.rand(8, 3, 6, 6), torch.arange(8) % 3
    calls = []
    network[0].register_forward_hook(lambda *_: calls.append(1))
    found = {}
    for reuse in (True, False):
        calls.clear()
        images_adv, _ = perturb(DPAAT(ATTACK, reuse_gradients=reuse), network, images, labels)
        found[reuse] = images_adv, len(calls)
    # Seven steps twice, and the loss on the first examples.
    assert found[False][1] == 15
    assert found[True][1] < 15
    torch.testing.assert_close(found[True][0], found[False][0], rtol=0, atol=1e-6)


def test_variants_of_the_radius(network):
    images, labels = torch.rand(8, 3, 6, 6), torch.arange(8) % 3
    _, usual = perturb(DPAAT(ATTACK), network, images, labels)
    _, grown = perturb(DPAAT(ATTACK, adapted="stable"), network, images, labels)
    _, shrunk = perturb(DPAAT(ATTACK, adapted="fragile"), network, images, labels)
    fragile, norm = usual["fragile"], perturbation_norm(ATTACK(network, images, labels) - images)
    torch.testing.assert_close(grown["epsilon"], torch.where(fragile, norm, usual["epsilon"]))
    torch.testing.assert_close(shrunk["epsilon"], torch.where(fragile, usual["epsilon"], norm))
    _, none = perturb(DPAAT(ATTACK, gamma_scale=0.0), network, images, labels)
    torch.testing.assert_close(none["epsilon"], norm)


def test_the_mean_may_run_over_the_epoch(network):
    method = DPAAT(ATTACK, mean_over="epoch")
    batches = [(torch.rand(size, 3, 6, 6), torch.arange(size) % 3) for size in (8, 4)]
    alone = [perturb(DPAAT(ATTACK), network, *batch)[1]["delta_loss"] for batch in batches]
    running = [perturb(method, network, *batch)[1]["delta_loss"] for batch in batches]
    torch.testing.assert_close(running[0], alone[0])
    torch.testing.assert_close(running[1], (8 * alone[0] + 4 * alone[1]) / 12)
    method.start_epoch(None)
    torch.testing.assert_close(perturb(method, network, *batches[1])[1]["delta_loss"], alone[1])


def test_shuffled_radii_are_the_same_radii_of_other_images(network):
    images, labels = torch.rand(8, 3, 6, 6), torch.arange(8) % 3
    _, usual = perturb(DPAAT(ATTACK), network, images, labels)
    before = torch.random.get_rng_state()
    method = DPAAT(ATTACK, shuffle_radii=True)
    engine = SimpleNamespace(state=SimpleNamespace(iteration=3))
    first = method.perturb(engine, network, images, labels)
    epsilon = first.statistics["epsilon"].values
    assert not torch.equal(epsilon, usual["epsilon"])
    assert torch.equal(epsilon.sort().values, usual["epsilon"].sort().values)
    assert (perturbation_norm(first.images_adv - images) <= epsilon + 1e-5).all()
    # The order depends on seed and iteration alone, and nothing else is drawn differently.
    assert torch.equal(method.perturb(engine, network, images, labels).images_adv, first.images_adv)
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"gamma_scale": -0.5}, r"gamma_scale must be a number of at least 0, got -0\.5"),
        ({"adapted": "both"}, "adapted must be one of all, stable, fragile, not 'both'"),
        ({"mean_over": "run"}, "mean_over must be one of batch, epoch, not 'run'"),
    ],
)
def test_bad_variants(options, message):
    with pytest.raises(ValueError, match=message):
        DPAAT(ATTACK, **options)
