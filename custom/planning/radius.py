"""Choosing a radius by what a standard classifier withstands."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import DataLoader, Subset

from custom.attacks import MinimalNormAttack
from custom.attacks.norms import Norm
from custom.evaluation.class_subset import class_subset
from custom.evaluation.predict import predict
from custom.networks import load_weights
from custom.runs import Run

NORMS: tuple[Norm, ...] = ("l2", "linf")
LARGEST_CHANGE = 0.1
"""Change of each value, for images in [0, 1], up to which radii are searched."""
STEPS = 40
"""Steps of either pass of the attack: 60 images then cost about as much as an epoch of adversarial training."""


@dataclass(frozen=True)
class SmallestRadii:
    """For each image the smallest radius at which an attack fooled the network.

    Args:
        norm: ``l2`` or ``linf``.
        radii: 0 for an image that is misclassified as it is, infinity if none was found; shape (N,).

    """

    norm: Norm
    radii: NDArray[np.float64]

    def accuracy(self, epsilon: float) -> float:
        """The share of images that are classified correctly, also under the attack within a radius.

        Args:
            epsilon: the radius; 0 for clean accuracy.
        """
        return float(np.mean(self.radii > epsilon))

    def radius_at(self, share: float) -> float | None:
        """The smallest radius at which accuracy has fallen to a share of clean accuracy.

        Args:
            share: the share, in (0, 1).

        Returns:
            The radius; ``None`` if no image is classified correctly, or the attack did not get that far.
        """
        right = np.sort(self.radii[self.radii > 0])
        if not len(right):
            return None
        survivors = int(np.floor(share * len(right) + 1e-9))
        radius = float(right[len(right) - survivors - 1])
        return radius if np.isfinite(radius) else None


def smallest_radii(run: Run, images: int) -> list[SmallestRadii]:
    """Attack validation images of a run's data set with a minimal-norm attack, in both norms.

    Args:
        run: the finished training.
        images: how many images, the classes alike; all if there are fewer.

    Returns:
        The radii in l2 and in l-infinity.
    """
    config = run.parser
    # No weights to start from, which would be overwritten anyway.
    config.update({"weights": None, "cache_rate": 0.0, "dataset_dir": str(run.dataset_dir)})
    network = load_weights(config.get_parsed_content("network"), run.checkpoint)
    dataset = config.get_parsed_content("validate#dataset")
    chosen = class_subset(np.array([item["label"] for item in dataset.data]), images)
    loader = DataLoader(Subset(dataset, chosen.tolist()), batch_size=32)
    values = int(np.prod(config.get_parsed_content("image_shape")))
    limits: dict[Norm, float] = {"l2": LARGEST_CHANGE * values**0.5, "linf": LARGEST_CHANGE}
    found = []
    for norm in NORMS:
        attack = MinimalNormAttack(epsilon=limits[norm], norm=norm, steps=STEPS)
        device = torch.device(config.get_parsed_content("device"))
        attacked = predict(network, loader, attack, device=device, name=f"{norm} radii", seed=0)
        sizes = attacked.l2 if norm == "l2" else attacked.linf
        found.append(SmallestRadii(norm, np.where(attacked.correct, np.inf, sizes)))
    return found


def run_for_plan(folder: Path, data: Path, trust: bool = False) -> Run:
    """Read the standard training by which a radius is chosen.

    Args:
        folder: the run's folder.
        data: folder of the data set of the plan.
        trust: whether code of somebody else in its config may run.

    Raises:
        FileNotFoundError: there is no finished training.
        ValueError: it is not a standard training, or one for other classes.
    """
    from custom.data import class_names

    run = Run.read(folder, data, trust=trust)
    if run.method != "std":
        raise ValueError(f"{folder} was trained by {run.method}; a radius is chosen with a network trained by std.")
    if run.class_names != class_names(data):
        raise ValueError(f"{folder} was trained for the classes {', '.join(run.class_names)}, not for those of {data}.")
    return run
