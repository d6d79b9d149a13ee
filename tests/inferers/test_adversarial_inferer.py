import torch
from torch import nn

from custom.inferers import AdversarialInferer

NETWORK = nn.Sequential(nn.Flatten(), nn.Linear(12, 3))
CLEAN, ADVERSARIAL = torch.rand(2, 2, 3, 2, 2)


def test_both_halves():
    logits = AdversarialInferer()(CLEAN, NETWORK, image_adv=ADVERSARIAL)
    torch.testing.assert_close(logits.clean, NETWORK(CLEAN))
    torch.testing.assert_close(logits.adversarial, NETWORK(ADVERSARIAL))


def test_clean_alone_and_adversarial_alone():
    logits = AdversarialInferer()(CLEAN, NETWORK)
    assert torch.equal(logits.clean, NETWORK(CLEAN))
    assert logits.adversarial is None
    logits = AdversarialInferer(clean=False)(CLEAN, NETWORK, image_adv=ADVERSARIAL)
    assert logits.clean is None
    assert torch.equal(logits.adversarial, NETWORK(ADVERSARIAL))


def test_batch_norm_sees_the_two_together_in_one_pass():
    norm = nn.BatchNorm2d(3, momentum=1.0)
    AdversarialInferer()(CLEAN, nn.Sequential(norm, nn.Flatten()), image_adv=ADVERSARIAL)
    assert norm.num_batches_tracked == 1
    torch.testing.assert_close(norm.running_mean, torch.cat([CLEAN, ADVERSARIAL]).mean((0, 2, 3)))
