import pytest
import torch
from torch import nn

from custom.attacks import PGD, perturbation_norm
from custom.attacks.accelerations import ReducedPrecision


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


def test_attack_is_nearly_as_strong_and_as_exact_in_its_ball(network, images, labels):
    plain = PGD(epsilon=0.3, steps=7, step_size=0.15)
    reduced = PGD(epsilon=0.3, steps=7, step_size=0.15, accelerations=[ReducedPrecision()])
    found = reduced(network, images, labels)
    assert perturbation_norm(found - images).max() <= 0.3 + 1e-6
    before, full, rounded = (
        plain.loss(network, x, labels).mean() for x in (images, plain(network, images, labels), found)
    )
    assert (rounded - before) / (full - before) > 0.97


def test_unknown_dtype_is_named():
    with pytest.raises(ValueError, match="Unknown dtype 'int8': use one of bfloat16, float16"):
        ReducedPrecision("int8")
