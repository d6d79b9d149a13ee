"""The pictures of an evaluation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from monai.data import DataLoader
from numpy.typing import NDArray
from torch import nn
from torch.utils.data import Subset

from custom.attacks import Attack
from custom.metrics import Predictions
from custom.report import (
    Examples,
    accuracy_curve,
    confusion_matrices,
    example_sheet,
    figure_png,
    reliability_diagrams,
    strongest_attacks,
)


def draw_pictures(
    summary: Mapping[str, Any],
    clean: Predictions,
    attacked: Mapping[str, Predictions],
    examples: Examples | None,
) -> dict[str, bytes]:
    """Draw what the report shows.

    Args:
        summary: the content of ``metrics.json``.
        clean: predictions on clean images.
        attacked: predictions under each attack.
        examples: images for the sheet, if there was an attack.

    Returns:
        PNG files' contents by name: ``confusion`` and ``reliability``, and under attack ``curve`` and
        ``examples``.
    """
    strongest = strongest_attacks(summary["attacks"])
    panels = {"clean": clean, **{f"{name} ({ball})": attacked[name] for ball, name in strongest.items()}}
    figures = {
        "confusion": confusion_matrices(panels, summary["classes"]),
        "reliability": reliability_diagrams(panels),
    }
    if attacked:
        figures["curve"] = accuracy_curve(summary)
    if examples:
        figures["examples"] = example_sheet(examples, summary["classes"])
    return {name: figure_png(figure) for name, figure in figures.items()}


def choose_examples(clean: Predictions, attacked: Predictions, per_class: int = 2) -> NDArray[np.int64]:
    """Pick images for the sheet: of each class the first that only the attack makes the network mistake.

    Where a class has too few of them, its first other images fill up.

    Args:
        clean: predictions on clean images.
        attacked: predictions under attack, on the same images.
        per_class: number of images of each class.

    Returns:
        Indices in ascending order.
    """
    turned = clean.correct & ~attacked.correct
    chosen = []
    for label in np.unique(clean.labels):
        members = np.flatnonzero(clean.labels == label)
        chosen += list(members[np.argsort(~turned[members], kind="stable")][:per_class])
    return np.sort(np.array(chosen))


def attack_examples(
    network: nn.Module,
    loader: DataLoader,
    attack: Attack,
    indices: Sequence[int] | NDArray[np.int64],
    device: torch.device | str,
) -> Examples:
    """Attack a few images once more, this time to keep them.

    Args:
        network: maps images in [0, 1] to logits.
        loader: whose data set and collation to use.
        attack: makes the adversarial images.
        indices: which images.
        device: where to compute.
    """
    few = DataLoader(
        Subset(loader.dataset, [int(index) for index in indices]),
        batch_size=len(indices),
        collate_fn=loader.collate_fn,
    )
    batch = next(iter(few))
    images = torch.as_tensor(batch["image"]).to(device)
    labels = torch.as_tensor(batch["label"]).to(device)
    images_adv = attack(network, images, labels)
    mode = network.training
    network.eval()
    try:
        with torch.no_grad():
            clean, attacked = (torch.softmax(network(x), dim=1).cpu().numpy() for x in (images, images_adv))
    finally:
        network.train(mode)
    return Examples(
        images.cpu().numpy(),
        images_adv.cpu().numpy(),
        [str(name) for name in batch["image_id"]],
        labels.cpu().numpy(),
        clean,
        attacked,
    )
