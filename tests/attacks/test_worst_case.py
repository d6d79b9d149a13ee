import torch
from torch import nn

from custom.attacks.worst_case import WorstCase

# Logits are the images themselves, and the label is 0.
LABELS = torch.zeros(4, dtype=torch.long)
SURE, NEARLY, FOOLED, BADLY = [2.0, 0.0, 0.0], [0.1, 0.0, 0.0], [0.0, 0.1, -9.0], [0.0, 2.0, 0.0]
# The cross-entropy of NEARLY is log(1 + 2 exp(-0.1)) = 1.033, more than FOOLED's log(1 + exp(0.1)) = 0.744.


def test_fooling_comes_first_and_the_loss_second():
    worst = WorstCase(nn.Identity(), LABELS, torch.tensor([NEARLY, FOOLED, SURE, FOOLED]))
    assert worst.fooled.tolist() == [False, True, False, True]
    worst.update(torch.tensor([FOOLED, NEARLY, NEARLY, BADLY]))
    assert torch.equal(worst.images_adv, torch.tensor([FOOLED, FOOLED, NEARLY, BADLY]))
    assert worst.fooled.tolist() == [True, True, False, True]
    worst.update(torch.tensor([SURE, SURE, SURE, SURE]))
    assert torch.equal(worst.images_adv, torch.tensor([FOOLED, FOOLED, NEARLY, BADLY]))


def test_some_samples_and_padding():
    first = torch.tensor([SURE, SURE, SURE, SURE])
    worst = WorstCase(nn.Identity(), LABELS, first)
    worst.update(torch.tensor([BADLY, FOOLED, BADLY]), torch.tensor([3, 1, 0]), 2)
    assert torch.equal(worst.images_adv, torch.tensor([SURE, FOOLED, SURE, BADLY]))
    assert torch.equal(first, torch.tensor([SURE, SURE, SURE, SURE]))


def test_a_target_is_reached_with_the_smaller_loss():
    worst = WorstCase(nn.Identity(), LABELS, torch.tensor([BADLY, NEARLY, SURE, BADLY]), targeted=True)
    worst.update(torch.tensor([NEARLY, SURE, NEARLY, FOOLED]))
    assert torch.equal(worst.images_adv, torch.tensor([NEARLY, SURE, SURE, FOOLED]))
    assert worst.fooled.tolist() == [True, True, True, False]
