"""Do 95 % intervals hold the true value in 95 % of the experiments, and tests of a true null reject 5 % of them?"""

import numpy as np
import pytest

from custom.metrics import (
    bootstrap_intervals,
    bootstrap_share,
    classification_metrics,
    paired_differences,
    sign_flip_test,
)

NAMES = ["MEL", "BKL", "NV"]
EXPERIMENTS = 300
# Three standard errors of a share of 0.95 among so many experiments.
SLACK = 3 * np.sqrt(0.95 * 0.05 / EXPERIMENTS)


def experiment(generator, lesions, sharpness=1.5):
    """Labels, probabilities and lesions: images of one lesion share its label and most of the classifier's error."""
    sizes = generator.choice([1, 2, 4], lesions, p=[0.6, 0.3, 0.1])
    groups = np.repeat(np.arange(lesions), sizes)
    labels = np.repeat(generator.integers(0, 3, lesions), sizes)
    shared = np.repeat(generator.normal(0, 1, (lesions, 3)), sizes, axis=0)
    logits = sharpness * np.eye(3)[labels] + 0.9 * shared + 0.4 * generator.normal(0, 1, (len(labels), 3))
    odds = np.exp(logits)
    return labels, odds / odds.sum(axis=1, keepdims=True), groups


@pytest.mark.slow
def test_intervals_cover_the_true_value():
    generator = np.random.default_rng(0)
    truth = classification_metrics(*experiment(generator, 100_000)[:2], NAMES)
    names = ["accuracy", "recall", "f1", "roc_auc", "average_precision", "brier_score", "negative_log_likelihood"]
    names += [f"recall_{name}" for name in NAMES]
    covered = dict.fromkeys(names, 0)
    for number in range(EXPERIMENTS):
        labels, probabilities, groups = experiment(generator, 200)
        found = bootstrap_intervals(labels, probabilities, NAMES, groups, 400, seed=number)
        for name in names:
            covered[name] += found[name].low <= truth[name] <= found[name].high
    for name, count in covered.items():
        # A percentile interval of 200 lesions is a little too narrow; it is never far from its promise.
        assert 0.91 <= count / EXPERIMENTS <= 0.95 + SLACK + 0.02, (name, count / EXPERIMENTS)


@pytest.mark.slow
def test_intervals_that_take_images_as_independent_would_not():
    generator = np.random.default_rng(1)
    labels, probabilities, _ = experiment(generator, 100_000)
    truth = float((probabilities.argmax(1) == labels).mean())
    shares = {"lesions": 0, "images": 0}
    for number in range(EXPERIMENTS):
        labels, probabilities, groups = experiment(generator, 60)
        # Four copies of each image, as near-duplicates of one lesion are.
        correct, groups = (probabilities.argmax(1) == labels).repeat(4), groups.repeat(4)
        for unit, members in (("lesions", groups), ("images", np.arange(len(groups)))):
            interval = bootstrap_share(correct, members, 300, seed=number)
            shares[unit] += interval.low <= truth <= interval.high
    assert shares["lesions"] / EXPERIMENTS >= 0.90
    assert shares["images"] / EXPERIMENTS <= 0.75


@pytest.mark.slow
def test_tests_of_a_true_null_reject_five_percent():
    generator = np.random.default_rng(2)
    rejected = {"permutation": 0, "interval": 0, "images": 0}
    for number in range(EXPERIMENTS):
        labels, first, groups = experiment(generator, 120)
        # The second classifier errs as often on other lesions: the lesion's error is drawn once more.
        sizes = np.bincount(groups)
        shared = np.repeat(generator.normal(0, 1, (len(sizes), 3)), sizes, axis=0)
        noise = 0.4 * generator.normal(0, 1, (len(labels), 3))
        odds = np.exp(1.5 * np.eye(3)[labels] + 0.9 * shared + noise)
        second = odds / odds.sum(axis=1, keepdims=True)
        one, other = first.argmax(1) == labels, second.argmax(1) == labels
        rejected["permutation"] += sign_flip_test(one, other, groups).p_value < 0.05
        rejected["images"] += sign_flip_test(one.repeat(3), other.repeat(3), range(3 * len(one))).p_value < 0.05
        if number % 3 == 0:
            change = paired_differences(labels, first, second, NAMES, groups, 300, seed=number)["accuracy"]
            rejected["interval"] += change.low > 0 or change.high < 0
    # The exact test cannot exceed 5 % but by the chance of the simulation.
    assert rejected["permutation"] / EXPERIMENTS <= 0.05 + SLACK
    assert rejected["interval"] / (EXPERIMENTS / 3) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / (EXPERIMENTS / 3))
    # What counts near-duplicates as evidence of their own rejects a true null far too often.
    assert rejected["images"] / EXPERIMENTS > 0.15
