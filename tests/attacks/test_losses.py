import numpy as np
import pytest
import torch
from torch import nn

from custom.attacks import PGD, AttackLoss
from custom.attacks.losses import CrossEntropy, KLDivergence, Margin, create_loss


def test_margin_is_the_best_wrong_logit_minus_the_right_one():
    logits = torch.tensor([[3.0, 1.0, 2.0], [3.0, 1.0, 2.0], [1.0, 1.0, -4.0]])
    assert Margin()(logits, torch.tensor([0, 2, 0])).tolist() == [-1.0, 1.0, 0.0]


def test_kl_divergence_by_hand():
    reference, adversarial = np.array([0.7, 0.2, 0.1]), np.array([0.5, 0.25, 0.25])
    expected = (reference * np.log(reference / adversarial)).sum()
    found = KLDivergence()(torch.tensor(adversarial).log()[None], torch.tensor(reference)[None])
    assert found.item() == pytest.approx(expected, abs=1e-12)


def test_kl_compares_with_the_clean_prediction_and_ignores_labels(network, images, labels):
    attack = PGD(epsilon=0.3, steps=7, step_size=0.15, loss="kl", start_noise=0.001)
    found = attack(network, images, labels)
    attack.reset()
    assert torch.equal(found, attack(network, images, (labels + 1) % 3))
    network.eval()
    clean, adversarial = network(images).softmax(1), network(found).softmax(1)
    divergence = (clean * (clean / adversarial).log()).sum(1)
    # With the wrong sign it would stay below 1e-5, that of the noise.
    assert (divergence > 0.02).all()


def test_the_margin_keeps_its_direction_on_saturated_logits():
    # Cross-entropy's gradient underflows once the right probability rounds to 1.
    network, x, y = nn.Linear(2, 3, bias=False), torch.tensor([[0.5, 0.5]]), torch.tensor([0])
    network.weight.data = 1000 * torch.tensor([[1.0, 1.0], [0.0, 0.5], [-1.0, 0.0]])
    assert torch.equal(PGD(epsilon=0.1, steps=4)(network, x, y), x)
    moved = PGD(epsilon=0.1, steps=4, loss="margin")(network, x, y) - x
    # From (1, 1) to (0, 0.5): along (-1, -0.5).
    torch.testing.assert_close(moved, 0.1 * torch.tensor([[-1.0, -0.5]]) / 1.25**0.5)


def test_targeted_margin_reaches_for_the_target(network, images, labels):
    attack = PGD(epsilon=3.0, steps=20, loss="margin", targeted=True)
    targets = (labels + 1) % 3
    network.eval()
    before, after = (Margin()(network(x), targets) for x in (images, attack(network, images, targets)))
    assert (after < before).all()


def test_own_losses_and_names():
    class Negative(AttackLoss):
        def __call__(self, logits, reference):
            return -logits.gather(1, reference[:, None]).squeeze(1)

    own = Negative()
    assert create_loss(own) is own
    assert isinstance(create_loss("cross_entropy"), CrossEntropy)
    network, x, y = nn.Linear(2, 2, bias=False), torch.tensor([[0.5, 0.5]]), torch.tensor([0])
    network.weight.data = torch.tensor([[3.0, 4.0], [0.0, 0.0]])
    moved = PGD(epsilon=0.1, steps=4, loss=own)(network, x, y) - x
    torch.testing.assert_close(moved, torch.tensor([[-0.06, -0.08]]))
