from types import SimpleNamespace

import pytest
import torch

from custom.attacks import PGD
from custom.inferers import AdversarialLogits
from custom.methods.cfa import CFA

ATTACK = PGD(epsilon=0.4, step_size=0.2, steps=3)


def finish_epoch(method, batches):
    """Count predictions as after training passes."""
    for predicted, labels in batches:
        logits = torch.eye(3)[torch.tensor(predicted)]
        output = {"pred": AdversarialLogits(None, logits), "label": torch.tensor(labels)}
        method.count(SimpleNamespace(state=SimpleNamespace(output=output)))
    method.summarize(SimpleNamespace())


def test_radii_follow_the_last_epochs_robust_accuracy(network, images, labels, perturb):
    method = CFA(ATTACK, warm_up=1)
    # Class 0: 1 of 2 right; class 1: 2 of 2; class 2: 0 of 1.
    finish_epoch(method, [([0, 1, 0], [0, 1, 2]), ([2, 1], [0, 1])])
    assert method.robust_accuracy.tolist() == [0.5, 1.0, 0.0]
    _, statistics = perturb(method, epoch=1)
    assert statistics["epsilon"].tolist() == pytest.approx([0.4] * 6)  # still warming up
    images_adv, statistics = perturb(method, epoch=2)
    radii = torch.tensor([0.4, 0.6, 0.2] * 2)
    torch.testing.assert_close(statistics["epsilon"], radii)
    torch.testing.assert_close(images_adv, ATTACK(network, images, labels, radii))


def test_a_class_that_was_left_out_keeps_its_accuracy():
    method = CFA(ATTACK)
    finish_epoch(method, [([0, 1], [0, 0])])
    # Never seen: (0.5 + 0.5) epsilon is the preset radius.
    assert method.robust_accuracy.tolist() == [0.5, 0.5, 0.5]
    finish_epoch(method, [([1, 1], [1, 1])])
    assert method.robust_accuracy.tolist() == [0.5, 1.0, 0.5]
    finish_epoch(method, [])
    assert method.robust_accuracy.tolist() == [0.5, 1.0, 0.5]
    other = CFA(ATTACK)
    other.load_state_dict(method.state_dict())
    assert torch.equal(other.robust_accuracy, method.robust_accuracy)


@pytest.mark.parametrize("name", ["base", "warm_up"])
def test_bad_values(name):
    with pytest.raises(ValueError, match=f"{name} must be a number of at least 0, got -1"):
        CFA(ATTACK, **{name: -1})
