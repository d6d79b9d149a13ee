import numpy as np
import pytest
import torch

from custom.attacks import FGSM, StrongAttack
from custom.evaluation import SelectedAttack, predict
from custom.evaluation.attack_runner import AttackRunner
from custom.evaluation.intervals import Intervals
from custom.evaluation.prediction_attack import PredictionAttack
from custom.evaluation.readings import readings
from custom.evaluation.stability import prediction_stability

from .margins import MARGINS, ChannelMeans


@pytest.fixture
def measured(network, loader, tmp_path):
    runner = AttackRunner(network, loader, tmp_path, progress=False)
    clean = runner.clean()
    # The headline's ball is that with a strong attack, whatever ran first.
    items = [
        SelectedAttack("other", FGSM(epsilon=0.15)),
        SelectedAttack("fgsm", FGSM(epsilon=0.05)),
        SelectedAttack("strong", StrongAttack(epsilon=0.05, norm="linf", steps=2)),
    ]
    attacked = {item.key: predict(network, loader, item.attack, progress=False) for item in items}
    return prediction_stability(
        runner, clean, items, readings(clean, items, attacked), Intervals(clean.lesion_ids, 50, 0)
    )


def test_predictions_with_a_margin_of_twice_the_radius_are_stable(measured):
    # Of each six images three have a margin above 0.1, two below, and one is misclassified: its two other channels tie,
    # so that any change decides between them.
    assert MARGINS == (-0.02, 0.04, 0.08, 0.2, 0.4, 0.6)
    assert (measured["attack"], measured["norm"], measured["epsilon"]) == ("fgsm", "linf", 0.05)
    assert (measured["images"], measured["unstable"]) == (18, 9)
    assert measured["stable"]["value"] == 0.5
    assert measured["accuracy_stable"]["value"] == 1
    assert measured["accuracy_unstable"]["value"] == pytest.approx(2 / 3)


def test_misclassified_images_are_referred_before_clear_ones(measured):
    # Nothing but the three misclassified images is wrong; among the stable half there is none of them.
    accuracy = dict(zip(measured["coverage"], measured["accuracy"], strict=True))
    assert accuracy[0.5] == 1
    assert accuracy[1.0] == pytest.approx(15 / 18)


def test_attacking_the_prediction_does_what_attacking_that_class_does(network, items):
    images = torch.stack([item["image"] for item in items])
    predicted = network(images).argmax(dim=1)
    attack = FGSM(epsilon=0.05)
    expected = attack(network, images, predicted)
    found = PredictionAttack(attack)(network, images, torch.zeros(len(images), dtype=torch.int64))
    assert torch.equal(found, expected)
    assert PredictionAttack(attack).with_epsilon(0.1).attack.epsilon == 0.1


def test_without_an_attack_nothing_is_known(loader, tmp_path):
    runner = AttackRunner(ChannelMeans(), loader, tmp_path, progress=False)
    clean = runner.clean()
    assert prediction_stability(runner, clean, [], readings(clean, [], {}), Intervals(np.array(["a"]))) is None
