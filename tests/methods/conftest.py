from types import SimpleNamespace

import pytest
import torch


@pytest.fixture
def images():
    return torch.rand(6, 3, 4, 4, generator=torch.Generator().manual_seed(0)) * 0.6 + 0.2


@pytest.fixture
def labels():
    return torch.arange(6) % 3


@pytest.fixture
def network():
    """A linear classifier, some of whose predictions are right."""
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(48, 3)).train()


@pytest.fixture
def perturb(network, images, labels):
    """Run a method's perturb on the batch; returns the images and the statistics' values."""

    def run(method, epoch=1, max_epochs=12):
        batch = {"image": images, "label": labels, "image_id": list("abcdef")}
        state = SimpleNamespace(batch=batch, epoch=epoch, max_epochs=max_epochs)
        examples = method.perturb(SimpleNamespace(state=state), network, images, labels)
        return examples.images_adv, {name: item.values for name, item in examples.statistics.items()}

    return run
