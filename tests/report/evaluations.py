"""What evaluations write, without a network: 10 images of each class."""

import csv
import json

import numpy as np

from .records import NAMES, ball, confusion, curve, interval, reading, record, risk_coverage, stability

PASSED = {"check": "unbounded", "name": "An unbounded radius leaves no image right", "passed": True, "detail": "0.0 %"}
FAILED = {**PASSED, "passed": False, "detail": "8.0 % are still right"}


def metrics(clean=(9, 8, 7), l2=(5, 6, 5), linf=(6, 6, 6), names=NAMES, checks=(PASSED,), per_class=None, **changes):
    """The content of ``metrics.json``: ``clean``, ``l2`` and ``linf`` are the images of each class that are right.

    ``l2`` and ``linf`` of ``None`` stand for no attack in that norm.
    """
    attacks, balls, curves = {}, [], []
    share = sum(clean) / (10 * len(clean))
    if l2 is not None:
        attacks["pgd20"] = record("pgd20", l2, "l2", 0.3, 20, names=names)
        attacks["strong_l2"] = record("strong_l2", l2, "l2", 0.3, 40, "fooled images", names)
        balls.append(ball("l2", 0.3, l2, clean, ["pgd20", "strong_l2"], names))
        curves.append(curve("l2", "strong_l2", 0.3, share, sum(l2) / 30 / 2))
    if linf is not None:
        attacks["fgsm"] = record("fgsm", linf, "linf", 1 / 255, 1, names=names)
        balls.append(ball("linf", 1 / 255, linf, clean, ["fgsm"], names))
        curves.append(curve("linf", "fgsm", 1 / 255, share, sum(linf) / 30 / 2))
    counts = per_class or [10] * len(names)
    most = int(np.argmax(counts))
    predicted = [name for name, column in zip(names, np.array(confusion(clean)).T, strict=True) if column.sum()]
    return {
        "schema": 2,
        "created": "2026-01-02T03:04:05+00:00",
        "model": {
            "name": "<b>a model</b>",
            "checkpoint": "model.pt",
            "weights_sha256": "beef",
            "parameters": 1234567,
            "backbone": "resnet18",
            "method": "dpaat",
        },
        "data": {
            "name": "ham10000, test split",
            "images": sum(counts),
            "lesions": 15,
            "images_per_class": dict(zip(names, counts, strict=True)),
            "image_shape": [3, 64, 64],
            "sha256": "da7a",
        },
        "classes": list(names),
        "class_descriptions": {},
        "card": {"Intended use": "Research."},
        "bootstrap": {"unit": "lesion", "resamples": 20, "confidence": 0.95, "seed": 0},
        "baselines": {
            "chance": 1 / len(names),
            "majority_class": names[most],
            "majority": counts[most] / sum(counts),
            "predicted_classes": predicted,
            "constant": len(predicted) == 1,
        },
        "clean": record("clean", clean, names=names),
        "attacks": attacks,
        "radii": [record("pgd20", (1,) * len(names), "l2", 0.6, 20, names=names)] if l2 is not None else [],
        "robust_accuracy": balls,
        "curves": curves,
        "smallest_radius": None,
        "clinical": {
            "class": names[0],
            "chosen": "melanoma by name",
            "positives": 10,
            "negatives": 20,
            "readings": [reading("clean"), *([reading("pgd20", "l2", 0.3, 0.7)] if l2 is not None else [])],
        },
        "risk_coverage": [
            risk_coverage("clean"),
            *([risk_coverage("pgd20", "l2", 0.3, 0.5)] if l2 is not None else []),
        ],
        "stability": stability() if l2 is not None else None,
        "temperature": {
            "value": 1.5,
            "fitted_on": "validation",
            "images": 30,
            "clean": {
                "before": {"negative_log_likelihood": 0.9, "brier_score": 0.4, "calibration_error": 0.12},
                "after": {"negative_log_likelihood": 0.7, "brier_score": 0.35, "calibration_error": 0.03},
            },
        },
        "subgroups": {
            "age": {
                "groups": [
                    {"group": "30-44", "images": 22, "lesions": 11, "small": False}
                    | {"clean": interval(0.8), "worst_case": interval(0.4)},
                    {"group": "45-59", "images": 6, "lesions": 3, "small": True}
                    | {"clean": interval(0.5, 0.3), "worst_case": interval(0.1, 0.1)},
                ],
                "missing": 2,
                "worst": "30-44",
                "worst_by": "worst_case",
                "ball": {"norm": "l2", "epsilon": 0.3},
            }
        },
        "corruptions": {
            "severities": [1, 2, 3, 4, 5],
            "images": 30,
            "results": [
                {
                    "corruption": kind,
                    "severity": severity,
                    "accuracy": interval(0.8 - loss * severity),
                    "parameters": {},
                }
                for kind, loss in (("jpeg_compression", 0.02), ("defocus_blur", 0.1))
                for severity in range(1, 6)
            ],
            "by_corruption": {"jpeg_compression": interval(0.74), "defocus_blur": interval(0.5)},
            "mean": interval(0.62),
            "clean": interval(0.8),
            "worst": "defocus_blur",
        },
        "checks": list(checks),
        "checks_made": len(checks),
        "explanations": None,
        "examples": {"file": "data/examples.npz", "attack": "pgd20", "norm": "l2", "epsilon": 0.3} if l2 else None,
        "reproduce": {
            "command": ["python", "-m", "custom", "evaluate", "a run"],
            "commit": "abc1234",
            "device": "cpu",
            "python": "3.12.1",
            "threads": 2,
            "seed": 0,
        },
        "versions": {"torch": "2"},
    } | changes


def predictions_rows(record, names):
    """Rows of ``predictions.csv``: the first images of a class are right, each two images show one lesion."""
    kinds = [f"{kind}_{name}" for kind in ("clean", "attacked", "rounded") for name in names]
    for label, counts in enumerate(record["confusion"]):
        for index in range(10):
            predicted = label if index < counts[label] else (label + 1) % len(names)
            probabilities = [0.8 if column == predicted else 0.2 / (len(names) - 1) for column in range(len(names))]
            yield {
                "attack": record["attack"],
                "norm": record["norm"] or "",
                "epsilon": record["epsilon"],
                "image_id": f"image_{label}{index}",
                "lesion_id": f"lesion_{label}{index // 2}",
                "label": label,
                **dict(zip(kinds, 3 * probabilities, strict=True)),
                # Each perturbation lies on its own ball alone.
                "l2": record["epsilon"] if record["norm"] == "l2" else 2,
                "linf": record["epsilon"] if record["norm"] == "linf" else 1,
            }


def write_evaluation(folder, content=None):
    """Write a folder as an evaluation leaves it; returns it."""
    content = content or metrics()
    (folder / "data").mkdir(parents=True)
    (folder / "metrics.json").write_text(json.dumps(content), encoding="utf-8")
    (folder / "metrics.csv").write_text("attack\n")
    records = [content["clean"], *content["attacks"].values(), *content["radii"]]
    rows = [row for item in records for row in predictions_rows(item, content["classes"])]
    with (folder / "predictions.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    random = np.random.default_rng(0)
    count, classes = 3, len(content["classes"])
    images = random.random((count, 3, 16, 16), dtype=np.float32)
    np.savez(
        folder / "data" / "examples.npz",
        images=images,
        images_adv=np.clip(images + random.normal(0, 0.005, images.shape), 0, 1).astype(np.float32),
        image_ids=np.array([f"image_{index}" for index in range(count)]),
        labels=np.arange(count) % classes,
        clean=np.eye(classes)[np.arange(count) % classes] * 0.7 + 0.1,
        attacked=np.eye(classes)[(np.arange(count) + 1) % classes] * 0.7 + 0.1,
    )
    return folder
