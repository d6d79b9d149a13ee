"""About how long a study takes."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import cache

from custom.study.planned_run import PlannedRun

# Forward and backward passes for an image in each step of a training, attack included (docs/reference/methods.md); K is
# the number of steps of the training's attack.
PASSES = {
    "std": (0, 1),
    "at": (1, 1),
    "sat": (1, 2),
    "amat": (1, 2),
    "dpaat": (2, 2),
    "dpaat_adaptation": (2, 2),
    "dpaat_synchronization": (1, 2),
    "trades": (1, 2),
    "mart": (1, 2),
    "fat": (1, 1),
    "mwpb": (1, 1),
    "cfa": (1, 1),
    "iaat": (4, 1),
    "ima": (3, 4),
    "hat": (1, 3),
    "lbgat": (1, 2),
}
EVALUATION_PASSES = 250
"""Passes for an image of the paper's attacks, the strong attack at both radii and the curve."""
AUTOATTACK_PASSES = 700
COUNTED_IMAGES = {"training": 1560, "validation": 180, "test": 450}
"""Images of a data set that is not there to be counted."""


def passes(run: PlannedRun, images: Mapping[str, int] = COUNTED_IMAGES) -> float:
    """Passes forward and backward through the network that a run takes, each of one image, up to its cost.

    Args:
        run: the run.
        images: number of images of each split.
    """
    settings = run.settings
    attacks, others = PASSES.get(str(settings["method"]), (1, 2))
    if settings.get("second_examples") in ("continue", "rescale"):
        attacks = 1
    steps, epochs = int(settings["steps"]), int(settings["warm_up_epochs"]) + int(settings["fine_tuning_epochs"])
    step = attacks * steps + others + (1 if settings.get("awp") else 0)
    training = epochs * (images["training"] * step + images["validation"] * steps)
    evaluation = EVALUATION_PASSES * run.evaluated + AUTOATTACK_PASSES * run.autoattack
    return training + images["test"] * evaluation


def estimated_hours(runs: Sequence[PlannedRun], images: Mapping[str, Mapping[str, int]]) -> list[float]:
    """Hours of one core that each run takes, by the time of a step of its attack here.

    Args:
        runs: the runs.
        images: number of images of each split of each data set, by its name.
    """
    return [
        passes(run, images.get(run.data, COUNTED_IMAGES))
        * seconds_of_a_pass(str(run.settings["backbone"]), image_size(run), str(run.settings["accelerations"]))
        / 3600
        for run in runs
    ]


def image_size(run: PlannedRun) -> int:
    """Edge of a run's images, also if the config decides it by the network."""
    size = run.settings["image_size"]
    if isinstance(size, int):
        return size
    return 299 if run.settings["backbone"] == "inception_v3" else 224


@cache
def seconds_of_a_pass(backbone: str, size: int, accelerations: str = "exact", batch_size: int = 4) -> float:
    """CPU seconds of one thread for a step of an attack on one image.

    Args:
        backbone: name of the network.
        size: edge of the images.
        accelerations: preset of the attack's accelerations.
        batch_size: images that are timed together.
    """
    import torch

    from custom.attacks import PGD
    from custom.networks import create_classifier

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        network = create_classifier(backbone, 3, None).eval()
        images, labels = torch.rand(batch_size, 3, size, size), torch.zeros(batch_size, dtype=torch.long)
        attack = PGD(epsilon=0.3, step_size=0.15, steps=2, accelerations=accelerations)
        attack(network, images, labels)  # pays for what is made once
        start = time.process_time()
        attack(network, images, labels)
        return (time.process_time() - start) / attack.steps / batch_size
    finally:
        torch.set_num_threads(threads)
