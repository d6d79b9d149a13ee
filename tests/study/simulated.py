"""Records of a study that never ran, whose figures are known."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from custom.study.packed import digits, pack

LABELS = np.arange(300) % 3
LESIONS = np.arange(300) // 2
ATTACKS = (
    ("fgsm", "linf", 1 / 255),
    ("ifgsm10", "linf", 1 / 255),
    ("ifgsm20", "linf", 1 / 255),
    ("pgd20", "l2", 0.2),
    ("pgd50", "l2", 0.2),
    ("strong_l2", "l2", 0.2),
    ("strong_l2", "l2", 0.4),
)


EXTERNAL = ("AT", "SAT")
"""Arms that were tested on external images, too: on them what is right clean is what withstands the radius here."""
FACTS = {"title": "A group", "description": "What it asks.", "paper_rows": "light"}


def write_study(
    records: Path, shares: dict[str, tuple[float, float, float]], seeds: int = 3, facts: dict | None = None
) -> None:
    """Write records of a group ``g`` with an arm for each name in ``shares``.

    Args:
        records: the folder.
        shares: for each arm the share of images that are right clean, within the radius, and within twice the radius;
            the same images for every arm and seed, so that a larger share holds the smaller one.
        seeds: number of seeds.
        facts: of the group.
    """
    (records / "test_sets").mkdir(parents=True)
    (records / "study").mkdir()
    test = {"data": "d", "classes": ["MEL", "BKL", "NV"], "labels": digits(LABELS), "lesions": LESIONS.tolist()}
    (records / "test_sets" / f"{'ab' * 8}.json").write_text(json.dumps(test))
    # In a fixed random order, so that the shares hold in each class up to chance.
    rank = np.random.default_rng(0).permutation(len(LABELS)) / len(LABELS)
    runs = []
    for arm, (clean, robust, twice) in shares.items():
        for seed in range(seeds):
            runs.append({"group": "g", "arm": arm, "seed": seed, "hash": f"{arm}-{seed}"})
            record = _record(arm, seed, rank, clean, robust, twice)
            (records / f"{arm.replace(' ', '_')}-{seed}.json").write_text(json.dumps(record))
    runs.append({"group": "g", "arm": "STD", "seed": 9, "hash": "unfinished"})
    plan = {"name": "simulated", "groups": {"g": facts or FACTS}, "runs": runs}
    (records / "study" / "plan.json").write_text(json.dumps(plan))


def _record(arm: str, seed: int, rank: np.ndarray, clean: float, robust: float, twice: float) -> dict:
    right = {"clean": rank < clean, 0.2: rank < robust, 0.4: rank < twice, 1 / 255: rank < robust}
    adaptive = arm.startswith("DPAAT")
    return {
        "schema": 1,
        "hash": f"{arm}-{seed}",
        "training_version": 1,
        "settings": {"seed": seed, "epsilon": 0.2, "method": arm.lower()},
        "data": "d",
        "data_sha256": "ab" * 32,
        "commit": "abc1234",
        "versions": {"torch": "2", "monai": "1"},
        "history": {
            "epoch": [1, 2, 3],
            "val_accuracy_mean": [0.3, 0.5, 0.4],
            **({"epsilon_mean": [0.2, 0.22, 0.24], "epsilon_std": [0.05] * 3} if adaptive else {}),
            **({"delta_loss_mean": [4.0, 0.4, 0.3]} if adaptive else {}),
        },
        "measures": {"epsilon_scale": 1.15 if adaptive else 1.0},
        "cost": {"cpu_seconds_per_epoch": 40.0 if adaptive else 20.0, "evaluation_cpu_seconds": 100.0},
        "clean": _entry("clean", "", 0.0, right["clean"]),
        "attacks": [_entry(name, norm, epsilon, right[epsilon]) for name, norm, epsilon in ATTACKS],
        "worst_case": {"1": digits(right[0.2]), "2": digits(right[0.4])},
        "autoattack": digits(right[0.2]) if seed == 0 else None,
        **({"external": _external(right)} if arm in EXTERNAL else {}),
        "curve": {
            "epsilons": [0.0, 0.2, 0.4],
            "withstood": digits(right["clean"].astype(int) + right[0.2] + right[0.4]),
        },
        "explanations": {"rank_correlation": {"value": 0.9, "images": 30}},
    }


def _external(right: dict) -> dict:
    return {
        "data": "elsewhere",
        "data_sha256": "ab" * 32,
        "clean": _entry("clean", "", 0.0, right[0.2]),
        "worst_case": {"1": digits(right[0.4]), "2": digits(right[0.4])},
        "autoattack": None,
        "curve": None,
    }


def _entry(name: str, norm: str, epsilon: float, right: np.ndarray) -> dict:
    predicted = np.where(right, LABELS, (LABELS + 1) % 3)
    entry = {"attack": name, "norm": norm, "epsilon": epsilon, "predicted": digits(predicted), "metrics": {}}
    if name in ("clean", "pgd20"):
        entry["probabilities"] = pack(np.eye(3)[predicted] * 0.8 + 0.2 / 3)
    return entry
