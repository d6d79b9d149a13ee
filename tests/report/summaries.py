"""Evaluations without a network."""

import numpy as np

from custom.attacks import FGSM, IFGSM, PGD, AutoAttack
from custom.evaluation import SelectedAttack
from custom.evaluation.summary import summarize
from custom.metrics import Predictions

NAMES = ["MEL", "BKL", "NV"]
ATTACKS = {
    "fgsm": FGSM(epsilon=1 / 255),
    "ifgsm10": IFGSM(epsilon=1 / 255, steps=10),
    "pgd20": PGD(epsilon=0.3, steps=20, step_size=0.15, norm="l2"),
    "autoattack": AutoAttack(epsilon=0.3, num_classes=3, norm="l2"),
}
FURTHER = SelectedAttack("fgsm", FGSM(epsilon=2 / 255), further_radius=True)


def predictions(right):
    """Predictions on 10 images of each class, of which so many of each class are right."""
    labels = np.repeat(np.arange(3), 10)
    rank = np.tile(np.arange(10), 3)
    predicted = np.where(rank < np.array(right)[labels], labels, (labels + 1) % 3)
    probabilities = np.eye(3)[predicted] * 0.7 + 0.1
    names = np.array([f"image_{index}" for index in range(30)])
    lesions = np.array([f"lesion_{index // 2}" for index in range(30)])
    zeros = np.zeros(30)
    return Predictions(names, lesions, labels, probabilities, probabilities, zeros, zeros, (3, 8, 8), "da7a")


CLEAN = predictions((9, 8, 7))
ATTACKED = {
    "fgsm": predictions((5, 5, 5)),
    "ifgsm10": predictions((2, 4, 6)),
    "pgd20": predictions((1, 3, 5)),
    "autoattack": predictions((2, 3, 5)),
}
AT_FURTHER_RADIUS = predictions((0, 0, 0))


def keyed(attacked):
    """The attacks as selected, and their predictions by key, with one at a further radius."""
    selected = [SelectedAttack(name, ATTACKS[name]) for name in attacked]
    found = {item.key: attacked[item.name] for item in selected}
    return (
        ([*selected, FURTHER], {**found, FURTHER.key: AT_FURTHER_RADIUS}) if "fgsm" in attacked else (selected, found)
    )


def summary(checks=(), attacked=ATTACKED):
    return {
        "schema": 2,
        "created": "2026-01-02T03:04:05+00:00",
        "model": {
            "name": "<b>a model</b>",
            "checkpoint": "model.pt",
            "checkpoint_sha256": "c0ffee",
            "weights_sha256": "beef",
            "parameters": 1234567,
        },
        "data": {
            "name": "images",
            "images": 30,
            "lesions": 15,
            "images_per_class": dict.fromkeys(NAMES, 10),
            "image_shape": [3, 8, 8],
            "sha256": "da7a",
        },
        "classes": NAMES,
        "card": {"Training": "none"},
        "bootstrap": {"unit": "lesion", "resamples": 20, "confidence": 0.95, "seed": 0},
        **summarize(CLEAN, *keyed(attacked), NAMES, resamples=20),
        "examples": None,
        "checks": list(checks),
        "versions": {"torch": "2"},
    }
