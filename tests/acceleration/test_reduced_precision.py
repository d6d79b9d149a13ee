import logging

import pytest
import torch
from torch import nn

from custom.acceleration import ReducedPrecision, reduced_precision
from custom.attacks import PGD, perturbation_norm


@pytest.fixture(autouse=True)
def hardware(monkeypatch):
    # Every processor can emulate bfloat16, which is fast enough for these networks.
    monkeypatch.setattr(reduced_precision, "has_hardware", lambda dtype, device: True)


class Recording(nn.Module):
    """Notes the precision in which its linear layer works."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(12, 3)

    def forward(self, images):
        logits = self.linear(images.flatten(1))
        self.dtype = logits.dtype
        return logits


def test_network_works_in_16_bits_and_answers_in_32():
    network, images = Recording(), torch.rand(2, 3, 2, 2)
    logits = ReducedPrecision("bfloat16").network(network, images)(images)
    assert network.dtype == torch.bfloat16
    assert logits.dtype == torch.float32
    assert network.linear.weight.dtype == torch.float32


def test_weights_are_rounded_once_an_attack(monkeypatch):
    network, images = Recording(), torch.rand(2, 3, 2, 2)
    called = ReducedPrecision().network(network, images)
    expected = nn.functional.linear(images.flatten(1).bfloat16(), *(one.bfloat16() for one in network.parameters()))
    with torch.no_grad():
        network.linear.weight.zero_()
    assert torch.equal(called(images), expected.float())


def test_attack_is_nearly_as_strong_and_as_exact_in_its_ball(network, images, labels):
    plain = PGD(epsilon=0.3, steps=7, step_size=0.15)
    reduced = PGD(epsilon=0.3, steps=7, step_size=0.15, accelerations=[ReducedPrecision()])
    found = reduced(network, images, labels)
    assert perturbation_norm(found - images).max() <= 0.3 + 1e-6
    before, full, rounded = (
        plain.cross_entropy(network, x, labels).mean() for x in (images, plain(network, images, labels), found)
    )
    assert (rounded - before) / (full - before) > 0.97


def test_unknown_dtype_is_named():
    with pytest.raises(ValueError, match="Unknown dtype 'int8'; use one of bfloat16, float16"):
        ReducedPrecision("int8")


def test_without_hardware_the_network_stays_and_the_log_says_so_once(monkeypatch, caplog):
    monkeypatch.setattr(reduced_precision, "has_hardware", lambda dtype, device: False)
    network, acceleration = Recording(), ReducedPrecision()
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            assert acceleration.network(network, torch.rand(2, 3, 2, 2)) is network
    assert [record.getMessage() for record in caplog.records] == [
        "No hardware for bfloat16 here: attacks run in float32."
    ]
