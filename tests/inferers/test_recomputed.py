import copy
import weakref

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from custom.inferers import AdversarialInferer
from custom.losses import AdversarialLoss

CLEAN, ADVERSARIAL = torch.rand(2, 4, 3, 8, 8, generator=torch.Generator().manual_seed(0))
LABELS = torch.tensor([0, 1, 2, 0])


def network(*layers):
    torch.manual_seed(1)
    return nn.Sequential(nn.Conv2d(3, 4, 3), *layers, nn.Flatten(), nn.Linear(144, 3))


def step(model, autocast=None, **options):
    """Gradients, buffers and loss of a training pass of DPAAT's loss; the random state is always the same."""
    model = copy.deepcopy(model)
    torch.manual_seed(7)
    inferer = AdversarialInferer(autocast=autocast, **options)
    loss = AdversarialLoss(0.5, 1.0)(inferer(CLEAN, model, image_adv=ADVERSARIAL), LABELS)
    loss.backward()
    gradients = [parameter.grad for parameter in model.parameters()]
    return loss.detach(), gradients, [buffer.clone() for buffer in model.buffers()], torch.get_rng_state()


@pytest.mark.parametrize("same_dropout", [True, False])
@pytest.mark.parametrize("autocast", [None, "bfloat16"])
def test_gradients_statistics_and_random_state_are_those_of_two_plain_passes(same_dropout, autocast):
    model = network(nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout(0.5))
    options = {"joint_pass": False, "same_dropout": same_dropout, "autocast": autocast}
    plain, found = (step(model, **options, activation_checkpointing=wanted) for wanted in (False, True))
    torch.testing.assert_close(found, plain, rtol=0, atol=0)
    assert any(buffer.ndim == 0 and buffer == 2 for buffer in found[2])  # BatchNorm has counted two batches
    assert all(layer.track_running_stats for layer in model.modules() if isinstance(layer, nn.BatchNorm2d))


def test_without_batch_norm_they_are_those_of_a_joint_pass():
    model = network(nn.ReLU()).double()
    images = (CLEAN.double(), ADVERSARIAL.double())
    found = []
    for options in ({}, {"joint_pass": False, "activation_checkpointing": True}):
        own = copy.deepcopy(model)
        logits = AdversarialInferer(**options)(images[0], own, image_adv=images[1])
        AdversarialLoss(0.5, 1.0)(logits, LABELS).backward()
        found.append([parameter.grad for parameter in own.parameters()])
    torch.testing.assert_close(found[0], found[1], rtol=0, atol=1e-12)


def test_the_activations_of_one_half_are_in_memory_at_a_time():
    kept, alive = [], []

    class Kept(torch.autograd.Function):
        """The identity, which keeps a tensor for its backward pass and counts those of all calls."""

        @staticmethod
        def forward(ctx, values):
            ctx.save_for_backward(values.clone())
            kept.append(weakref.ref(ctx.to_save[0]))
            return values.clone()

        @staticmethod
        def backward(ctx, gradient):
            alive.append(sum(reference() is not None for reference in kept))
            (values,) = ctx.saved_tensors
            return gradient * values.isfinite()

    class Layer(nn.Module):
        def forward(self, values):
            return Kept.apply(values)

    model = network(Layer(), Layer())
    for checkpointing, most in ((False, 4), (True, 2)):
        kept.clear()
        alive.clear()
        inferer = AdversarialInferer(joint_pass=False, activation_checkpointing=checkpointing)
        logits = inferer(CLEAN, model, image_adv=ADVERSARIAL)
        F.cross_entropy(logits.clean + logits.adversarial, LABELS).backward()
        assert max(alive) == most


def test_it_needs_two_passes():
    with pytest.raises(ValueError, match="activation_checkpointing needs a pass for each half; pass joint_pass False"):
        AdversarialInferer(activation_checkpointing=True)
