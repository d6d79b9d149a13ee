"""A few images before and after an attack, for whoever wants to see one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from custom.attacks import Attack
from custom.data.nifti import write_volume
from custom.evaluation.attack_runner import AttackRunner
from custom.files.csv_cell import valid_text
from custom.files.names import safe_file_name
from custom.metrics import Predictions


def choose_examples(clean: Predictions, attacked: Predictions, per_class: int = 2) -> NDArray[np.int64]:
    """Pick images: of each class the first that only the attack makes the network mistake.

    If a class has too few of them, its first other images fill up.

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


def write_examples(path: Path, runner: AttackRunner, attack: Attack, indices: NDArray[np.int64]) -> None:
    """Attack a few images once more, this time to keep them.

    The file holds ``images`` and ``images_adv``, shape (n, C, *spatial), in [0, 1]; ``image_ids``; ``labels``; and the
    probabilities ``clean`` and ``attacked``, shape (n, classes). Volumes are also written as NIfTI, with the affine of
    the voxels that the network sees: ``<name>.nii.gz`` and ``<name>_attacked.nii.gz``, into a folder beside the file.

    Args:
        path: the ``.npz`` file to write; its folder is made if it is missing.
        runner: whose network, images and device to use.
        attack: makes the adversarial images.
        indices: which images.
    """
    batch = next(iter(runner.subset(indices, batch_size=len(indices))))
    network = runner.network
    images = torch.as_tensor(batch["image"]).to(runner.device)
    labels = torch.as_tensor(batch["label"]).to(runner.device)
    attack.reset()
    with torch.random.fork_rng():
        torch.manual_seed(runner.seed)
        images_adv = attack(network, images, labels)
    mode = network.training
    network.eval()
    try:
        with torch.no_grad():
            clean, attacked = (torch.softmax(network(x), dim=1).cpu().numpy() for x in (images, images_adv))
    finally:
        network.train(mode)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        path,
        images=images.cpu().numpy(),
        images_adv=images_adv.cpu().numpy(),
        image_ids=np.array([valid_text(name) for name in batch["image_id"]]),
        labels=labels.cpu().numpy(),
        clean=clean,
        attacked=attacked,
    )
    if "affine" in batch:
        write_volumes(path.with_suffix(""), batch, images_adv)


def write_volumes(folder: Path, batch: Mapping[str, Any], images_adv: Tensor) -> None:
    """Write volumes and what an attack made of them as NIfTI.

    Args:
        folder: made if it is missing.
        batch: ``image``, shape (n, 1, X, Y, Z), ``image_id`` and ``affine``, shape (n, 4, 4).
        images_adv: the attacked volumes, of the same shape.
    """
    folder.mkdir(exist_ok=True)
    for index, image_id in enumerate(batch["image_id"]):
        name = f"{index}_{safe_file_name(valid_text(image_id))}"
        affine = np.asarray(batch["affine"][index])
        for suffix, volumes in (("", torch.as_tensor(batch["image"])), ("_attacked", images_adv)):
            write_volume(folder / f"{name}{suffix}.nii.gz", volumes[index, 0].cpu().numpy(), affine)
