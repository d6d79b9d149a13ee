from types import SimpleNamespace

import pytest
import torch
from ignite.engine import Engine

from custom.attacks import PGD
from custom.handlers import FairWeightAveraging, WeightAveraging
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


def test_on_top_of_trades_each_class_has_its_weight_of_the_divergence_after_the_warm_up():
    method = CFA(ATTACK, warm_up=1, beta=4.0)
    assert method.attack.loss == "kl"
    finish_epoch(method, [([0, 1, 0], [0, 1, 2]), ([2, 1], [0, 1])])
    for epoch, expected in ((1, None), (2, [4.0, 6.0, 2.0])):  # (0.5 + 0.5, 1, 0) times 4
        method.start_epoch(SimpleNamespace(state=SimpleNamespace(epoch=epoch)))
        found = method.loss.class_beta
        assert (found if found is None else found.tolist()) == expected


def test_the_weights_are_averaged_over_epochs_that_are_robust_enough():
    network = torch.nn.Linear(1, 1)
    averaging = CFA(ATTACK, averaging_decay=0.9, averaging_threshold=0.3).averaging(network, 0.0)
    assert isinstance(averaging, FairWeightAveraging)
    assert (averaging.decay, averaging.threshold) == (0.9, 0.3)
    plain = CFA(ATTACK, averaging_decay=0)
    assert plain.averaging(network, 0.0) is None
    assert type(plain.averaging(network, 0.99)) is WeightAveraging


def test_a_warm_up_as_long_as_the_training():
    trainer = Engine(lambda engine, batch: None)
    trainer.state.max_epochs = 10
    with pytest.raises(ValueError, match="The warm_up of cfa, 10 epochs, is as long as the whole training of 10"):
        CFA(ATTACK).attach(trainer)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"base": -1}, "base must be a number of at least 0, got -1"),
        ({"beta": -1}, "beta must be a number of at least 0, got -1"),
        ({"warm_up": -1}, "warm_up must be a whole number of at least 0, got -1"),
        ({"averaging_decay": 1.5}, r"averaging_decay must be in \[0, 1\], got 1.5"),
        ({"averaging_threshold": -0.1}, r"averaging_threshold must be in \[0, 1\], got -0.1"),
    ],
)
def test_bad_values(arguments, message):
    with pytest.raises(ValueError, match=message):
        CFA(ATTACK, **arguments)
