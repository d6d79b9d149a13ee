"""Random starts differ between mini-batches and between epochs, and repeat with the seed, for every method."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from custom.attacks import PGD
from custom.handlers import AdversarialExamples
from custom.methods import create_method, method_names
from custom.methods.base.create import method_class

IMAGES, LABELS = torch.full((4, 3, 2, 2), 0.5), torch.zeros(4, dtype=torch.long)
ATTACK = PGD(epsilon=0.3, step_size=0.15, steps=3, random_start=True)
OPTIONS = {"amat": {"xi": 9.0}, "hat": {"teacher": nn.Sequential(nn.Flatten(), nn.Linear(12, 3))}}


@pytest.fixture
def flat():
    """A network without gradients, which calls everything class 0: adversarial images are where their attack began."""
    network = nn.Sequential(nn.Flatten(), nn.Linear(12, 3))
    nn.init.zeros_(network[1].weight)
    nn.init.zeros_(network[1].bias)
    return network


def noise(handler, network, batches):
    """The perturbations of an epoch's mini-batches."""
    found = []
    for iteration in range(1, batches + 1):
        batch = {"image": IMAGES, "label": LABELS, "image_id": list("abcd")}
        state = SimpleNamespace(
            batch=batch, epoch=1, max_epochs=9, iteration=iteration, epoch_length=batches, device=torch.device("cpu")
        )
        handler(SimpleNamespace(state=state, network=network, non_blocking=False))
        found.append(batch["image_adv"] - IMAGES)
    return found


@pytest.mark.parametrize("name", [name for name in method_names() if method_class(name).adversarial])
def test_no_mini_batch_and_no_epoch_has_the_noise_of_another(name, flat):
    epochs = []
    for seed in (1, 1, 2):
        method = create_method(name, ATTACK, OPTIONS.get(name))
        method.scale_epsilon(0.5)
        torch.manual_seed(seed)
        epochs.append(noise(method, flat, 3))
    for first, second in ((epochs[0][0], epochs[0][1]), (epochs[0][1], epochs[0][2]), (epochs[0][0], epochs[2][0])):
        directions = [nn.functional.normalize(part.flatten(1)) for part in (first, second)]
        assert (directions[0] - directions[1]).norm(dim=1).min() > 0.1
    assert all(torch.equal(first, second) for first, second in zip(epochs[0], epochs[1], strict=True))


def test_every_validation_has_the_same_noise(flat):
    handler = AdversarialExamples(ATTACK)
    first, second = noise(handler, flat, 2), noise(handler, flat, 2)
    assert not torch.equal(first[0], first[1])
    assert all(torch.equal(one, other) for one, other in zip(first, second, strict=True))
