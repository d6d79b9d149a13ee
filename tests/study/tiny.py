"""A grid that trains in seconds."""

from __future__ import annotations

import json
from pathlib import Path

SETTINGS = {
    "backbone": "small_resnet",
    "weights": None,
    "image_size": 32,
    "epsilon": 0.2,
    "warm_up_epochs": 0,
    "fine_tuning_epochs": 20,
    "patience": 20,
    "steps": 2,
    "batch_size": 8,
}
ARMS = {
    "STD": {"method": "std"},
    "AMAT": {"method": "amat", "xi": {"of": "STD", "measure": "xi"}},
    # Wrong only when the training is made.
    "broken": {"method": "dpaat", "method_options": {"mean_over": "week"}},
}
EVALUATION = {"attacks": ["clean", "pgd20", "strong_l2"], "explain#images_per_class": 1}


def write_grid(path: Path, data: str) -> Path:
    """Write the grid.

    Args:
        path: its file.
        data: name of the data set.
    """
    content = {
        "name": "tiny",
        "settings": SETTINGS,
        "evaluation": EVALUATION,
        "groups": {"g": {"title": "Tiny", "data": data, "arms": ARMS}},
        "order": [{"group": "g", "seeds": [0]}],
    }
    path.write_text(json.dumps(content))
    return path
