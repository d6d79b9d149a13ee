"""Parts of an evaluation's ``metrics.json``, without a network: 10 images of each class."""

import numpy as np

NAMES = ["MEL", "BKL", "NV"]
METRICS = ("average_precision", "precision", "recall", "f1", "roc_auc", "brier_score", "negative_log_likelihood")


def interval(value, half=0.05):
    return {"value": value, "low": max(value - half, 0), "high": min(value + half, 1)}


def confusion(right, per_class=10):
    """Counts with ``right`` images of each class on the diagonal and the others taken for the next class."""
    counts = np.diag(right)
    for label, hits in enumerate(right):
        counts[label, (label + 1) % len(right)] += per_class - hits
    return counts.tolist()


def record(attack, right, norm=None, epsilon=0, steps=None, outputs="every image", names=NAMES):
    """The record of an attack that leaves ``right`` of the 10 images of each class right."""
    share = sum(right) / (10 * len(right))
    images = {"accuracy": interval(share)}
    images |= {f"recall_{name}": interval(hits / 10) for name, hits in zip(names, right, strict=True)}
    every = outputs == "every image"
    if every:
        images |= {name: interval(share) for name in METRICS}
        images["calibration_error"] = {"value": 0.125, "low": None, "high": None}
    bins = {"confidence": [None] * 14 + [0.97], "accuracy": [None] * 14 + [share], "images": [0] * 14 + [30]}
    found = {
        "attack": attack,
        "norm": norm,
        "epsilon": epsilon,
        "steps": steps,
        "step_size": epsilon / 2 if norm else None,
        "outputs": outputs,
        "images": images,
        "rounded": {name: interval(value["value"] + 0.01) for name, value in images.items()},
        "confusion": confusion(right),
        "reliability": bins if every else None,
        "perturbation": {key: {"mean": epsilon, "largest": epsilon} for key in ("l2", "linf")},
        "warnings": [],
    }
    return found if norm is None else found | {"parameters": {"attack": attack, "epsilon": epsilon, "norm": norm}}


def ball(norm, epsilon, right, clean, attacks, names=NAMES):
    """The worst case within a radius."""
    total = 10 * len(right)
    return {
        "norm": norm,
        "epsilon": epsilon,
        **interval(sum(right) / total),
        "attacks": attacks,
        "strong": "strong_l2" in attacks,
        "rounded": interval(sum(right) / total + 0.01),
        "recall": {name: interval(hits / 10) for name, hits in zip(names, right, strict=True)},
        "images": total,
        "correct_clean": sum(clean),
        "correct": sum(right),
        "lost_to": {name: sum(clean) - sum(right) if name == attacks[0] else 0 for name in attacks},
    }


def curve(norm, attack, epsilon, first, last):
    """A straight curve of five points."""
    values = np.linspace(first, last, 5)
    radii = np.linspace(0, 2 * epsilon, 5)
    return {
        "norm": norm,
        "attack": attack,
        "steps": 20,
        "images": 30,
        "of_images": 30,
        "points": [{"epsilon": float(e), **interval(float(v))} for e, v in zip(radii, values, strict=True)],
        "expected_robustness": interval((first + last) / 2),
        "largest_epsilon": 2 * epsilon,
    }


def reading(attack, norm=None, epsilon=0, auc=0.9):
    """A clinical reading."""
    levels = (0.8, 0.9, 0.95)
    return {
        "attack": attack,
        "norm": norm,
        "epsilon": epsilon,
        "roc_auc": interval(auc),
        "sensitivity_at_specificity": [{"specificity": level, **interval(auc - level / 4)} for level in levels],
        "specificity_at_sensitivity": [{"sensitivity": level, **interval(auc - level / 5)} for level in levels],
        "fixed_threshold": {
            "specificity": 0.9,
            "threshold": 0.413,
            "sensitivity": interval(auc - 0.2),
            "specificity_kept": interval(0.9),
        },
        "roc": {"false_positive_rate": [0, 0.1, 1], "true_positive_rate": [0, auc, 1]},
    }


def risk_coverage(attack, norm=None, epsilon=0, accuracy=0.8):
    coverage = np.linspace(0.05, 1, 20)
    return {
        "attack": attack,
        "norm": norm,
        "epsilon": epsilon,
        "coverage": coverage.tolist(),
        "accuracy": (1 - (1 - accuracy) * coverage).tolist(),
        "area": interval((1 - accuracy) / 2),
    }


def stability(unstable=12, images=30):
    """What ``pgd20`` can change, among it all that is wrong."""
    coverage = np.linspace(0.05, 1, 20)
    return {
        "attack": "pgd20",
        "norm": "l2",
        "epsilon": 0.3,
        "images": images,
        "unstable": unstable,
        "stable": interval(1 - unstable / images),
        "accuracy_stable": interval(0.9) if unstable < images else None,
        "accuracy_unstable": interval(0.65) if unstable else None,
        "coverage": coverage.tolist(),
        "accuracy": (1 - 0.2 * coverage).tolist(),
        "area": interval(0.1),
    }
