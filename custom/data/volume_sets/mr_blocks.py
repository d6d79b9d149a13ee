"""Blocks of a real MR image of a head, labelled by their axial level."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nibabel
import numpy as np

from custom.data.affine import canonical_spacing
from custom.data.examples import VOLUMES_PER_CLASS, split_counts
from custom.data.write_datalist import write_datalist

CLASSES = {"inferior": "slices 0 to 7", "middle": "slices 8 to 15", "superior": "slices 16 to 23"}
WINDOW = (0.0, 900.0)
"""Values of the image that become 0 and 1."""
BLOCK = (16, 16, 6)
"""Voxels of a block."""
_SLABS = {"training": (24, 40, 88), "validation": (56,), "test": (72,)}
"""Where along the first axis the slabs of each split begin; none shares a voxel with another."""
_BRAIN = 300.0
"""Median of the values from which a block counts as one of the brain."""


def make_mr_blocks(folder: Path, per_class: int = VOLUMES_PER_CLASS, seed: int = 0) -> dict[str, list[dict[str, Any]]]:
    """Make a data set of blocks of the functional MR image that nibabel ships for its tests.

    The label is true, as it is where a block comes from: the inferior, middle or superior third of the slices. The
    splits are slabs from left to right that share no voxel, and the blocks of a slab are a group. All are of one head:
    it shows that everything runs on a real image, and nothing about heads.

    Args:
        folder: an existing folder, which gets ``images``.
        per_class: blocks of each class, at least 8: 60 % for training, 15 % for validation and 25 % for testing.
        seed: of the places of the blocks.

    Returns:
        The datalist's items of each split.

    Raises:
        ValueError: ``per_class`` is too small, or larger than the number of different blocks.

    """
    from nibabel.testing import data_path

    source: Any = nibabel.load(Path(str(data_path)) / "example4d.nii.gz")
    values = np.asarray(source.dataobj[..., 0])
    if per_class < 8:
        raise ValueError(f"per_class is {per_class} and must be at least 8.")
    (folder / "images").mkdir(exist_ok=True)
    rng = np.random.default_rng(seed)
    counts = split_counts(per_class, validation=0.15, test=0.25)
    splits: dict[str, list[dict[str, Any]]] = {split: [] for split in counts}
    for split, slabs in _SLABS.items():
        for label, name in enumerate(CLASSES):
            places = [
                (x, y, z)
                for x in slabs
                for y in range(values.shape[1] - BLOCK[1] + 1)
                for z in range(8 * label, 8 * label + 8 - BLOCK[2] + 1)
                if np.median(values[x : x + BLOCK[0], y : y + BLOCK[1], z : z + BLOCK[2]]) > _BRAIN
            ]
            if len(places) < counts[split]:
                raise ValueError(f"per_class is {per_class}, and there are {len(places)} blocks of {name} for {split}.")
            for index in sorted(rng.choice(len(places), counts[split], replace=False)):
                (x, y, z) = places[index]
                block = source.slicer[x : x + BLOCK[0], y : y + BLOCK[1], z : z + BLOCK[2], 0]
                image_id = f"{name}_{x:03d}_{y:03d}_{z:03d}"
                nibabel.save(block, folder / "images" / f"{image_id}.nii.gz")
                item = {"image": f"images/{image_id}.nii.gz", "label": label, "image_id": image_id}
                splits[split].append({**item, "lesion_id": f"slab_{x:03d}"})
    facts = {
        "intensity": {"bits": 32, "low": WINDOW[0], "high": WINDOW[1]},
        "spacing": [round(edge, 4) for edge in canonical_spacing(source.affine)],
        "split_by": "slab",
        "seed": seed,
        "reference": "example4d.nii.gz of nibabel's tests",
    }
    write_datalist(folder, "MR blocks", CLASSES, splits, **facts)
    return splits
