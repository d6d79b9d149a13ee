import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score

from custom.attacks import StrongAttack
from custom.evaluation.robust_accuracy import balanced_accuracy

from .attacks import TABLE, OnSome, Useless


def test_balanced_accuracy_of_resamples_is_scikit_learns():
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2], [40, 15, 5])
    correct = rng.random(60) < 0.6
    predicted = np.where(correct, labels, (labels + 1) % 3)
    weights = np.stack([np.bincount(rng.integers(0, 60, 60), minlength=60) for _ in range(5)])
    found = balanced_accuracy(correct, labels, weights)
    for row, value in zip(weights, found, strict=True):
        drawn = np.repeat(np.arange(60), row)
        assert value == pytest.approx(balanced_accuracy_score(labels[drawn], predicted[drawn]))


def test_rare_classes_count_as_much_as_frequent_ones():
    labels = np.array([0] * 98 + [1] * 2)
    # 98 of 98 and 0 of 2 are right.
    assert balanced_accuracy(labels == 0, labels, np.ones((1, 100))).tolist() == [0.5]


def test_a_resample_without_a_class_tells_nothing():
    assert np.isnan(balanced_accuracy(np.array([True, True]), np.array([0, 1]), np.array([[2, 0]]))).all()


def test_robust_accuracy_is_the_worst_case_per_image(evaluate, monkeypatch):
    # One attack for even images, one for odd ones, as no attack is the best for all; both leave more than they take.
    for name, parity in (("even", 0), ("odd", 1)):
        monkeypatch.setitem(TABLE, name, OnSome(epsilon=0.15, parity=parity))
    summary = evaluate(["even", "odd", "fgsm"])
    accuracy = {name: record["images"]["accuracy"]["value"] for name, record in summary["attacks"].items()}
    smaller, larger = sorted(summary["robust_accuracy"], key=lambda ball: ball["epsilon"])
    assert (larger["norm"], larger["epsilon"]) == ("linf", 0.15)
    assert larger["value"] == pytest.approx(2 / 6)
    assert larger["value"] < min(accuracy["even"], accuracy["odd"])
    assert larger["attacks"] == ["even", "odd", "fgsm"]
    assert (larger["images"], larger["correct_clean"], larger["correct"]) == (18, 15, 6)
    assert sum(larger["lost_to"].values()) == 15 - 6
    assert larger["recall"]["MEL"]["value"] == pytest.approx(2 / 6)
    recalls = [interval["value"] for interval in larger["recall"].values()]
    assert larger["balanced_accuracy"]["value"] == pytest.approx(sum(recalls) / 3)
    # What was found within the larger ball does not lie in the smaller one.
    assert smaller["value"] == pytest.approx(3 / 6)
    assert smaller["attacks"] == ["fgsm"]


def test_images_lost_in_a_smaller_ball_are_lost_in_a_larger_one(evaluate, monkeypatch):
    monkeypatch.setitem(TABLE, "useless", Useless(epsilon=0.15))
    summary = evaluate(["useless", "fgsm"])
    by_radius = {ball["epsilon"]: ball["value"] for ball in summary["robust_accuracy"]}
    assert by_radius == {0.15: pytest.approx(3 / 6), 0.05: pytest.approx(3 / 6)}
    assert summary["attacks"]["useless"]["images"]["accuracy"]["value"] == pytest.approx(5 / 6)


def test_the_strong_attack_attacks_what_is_left_and_reports_no_probabilities(evaluate, monkeypatch):
    attacked = []
    strong = StrongAttack(epsilon=0.15, norm="linf")
    perturb = StrongAttack.perturb

    def counted(self, network, images, labels, epsilon):
        attacked.append(len(images))
        return perturb(self, network, images, labels, epsilon)

    monkeypatch.setattr(StrongAttack, "perturb", counted)
    monkeypatch.setitem(TABLE, "strong", strong)
    summary = evaluate(["strong", "fgsm"])
    # Of 18 images 9 withstand FGSM in the smaller ball; the six of the examples come after.
    assert sum(attacked[:-1]) == 9
    record = summary["attacks"]["strong"]
    assert record["outputs"] == "fooled images"
    assert list(record["images"]) == ["accuracy", "recall", "recall_MEL", "recall_BKL", "recall_NV"]
    assert record["reliability"] is None
    assert record["images"]["accuracy"]["value"] == pytest.approx(2 / 6)
    assert summary["robust_accuracy"][0]["strong"] is True
    assert summary["robust_accuracy"][0]["lost_to"] == {"fgsm": 6, "strong": 3}
    assert summary["attacks"]["fgsm"]["outputs"] == "every image"
    assert "roc_auc" in summary["attacks"]["fgsm"]["images"]
