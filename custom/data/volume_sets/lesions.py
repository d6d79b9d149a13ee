"""Synthetic CT of an organ with a lesion, with the lesion's exact mask."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nibabel
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from custom.data.examples import VOLUMES_PER_CLASS, split_counts
from custom.data.split import split_by_group
from custom.data.write_datalist import write_datalist

CLASSES = {
    "cyst": "a dark, smooth, round lesion",
    "metastasis": "a dark core with a bright rim",
    "nodule": "a bright, irregular lesion",
}
WINDOW = (-100.0, 250.0)
"""Hounsfield units that become 0 and 1."""
SPACING = 2.0
"""Distance of voxels in mm to which the volumes are resampled; their own are 1.6 to 2.4."""
FIELD = 56.0
"""Edge of the volumes in mm."""
ATYPICAL = 0.05
"""Share of the lesions that look like one of another class, so that no classifier can be right about all."""
SECOND_SCAN = 0.25
"""Share of the patients with a second scan of the same lesion."""

Volume = NDArray[np.float32]


def make_lesions(folder: Path, per_class: int = VOLUMES_PER_CLASS, seed: int = 0) -> dict[str, list[dict[str, Any]]]:
    """Make a data set of synthetic volumes: NIfTI files, masks, ``datalist.json``, ``classes.csv``.

    60 % of the volumes are for training, 15 % for validation and 25 % for testing, balanced and split by patient. The
    files have various spacings and orientations, as those of several scanners.

    Args:
        folder: an existing folder, which gets ``images`` and ``masks``.
        per_class: volumes of each class, at least 8.
        seed: decides everything.

    Returns:
        The datalist's items of each split.

    Raises:
        ValueError: ``per_class`` or ``seed`` is too small.

    """
    for name, value, least in (("per_class", per_class, 8), ("seed", seed, 0)):
        if value < least:
            raise ValueError(f"{name} is {value} and must be at least {least}.")
    for kind in ("images", "masks"):
        (folder / kind).mkdir(exist_ok=True)
    items = []
    for label in range(len(CLASSES)):
        rng = np.random.default_rng([seed, label])
        scans: list[tuple[int, int]] = []
        while len(scans) < per_class:
            patient = scans[-1][0] + 1 if scans else 0
            scans += [(patient, scan) for scan in range(2 if rng.random() < SECOND_SCAN else 1)]
        items += [_save(folder, label, patient, scan, seed) for patient, scan in scans[:per_class]]
    counts = split_counts(per_class, validation=0.15, test=0.25)
    chosen = split_by_group([item["label"] for item in items], [item["lesion_id"] for item in items], counts, seed)
    splits = {name: [items[index] for index in indices] for name, indices in chosen.items()}
    intensity = {"bits": 32, "low": WINDOW[0], "high": WINDOW[1]}
    facts = {"intensity": intensity, "spacing": [SPACING] * 3, "split_by": "group", "seed": seed}
    write_datalist(folder, "synthetic lesions", CLASSES, splits, **facts)
    return splits


def render_lesion(
    kind: str, lesion_seed: list[int], scan: int = 0
) -> tuple[Volume, NDArray[np.bool_], NDArray[np.float64]]:
    """Render one scan of one lesion.

    Args:
        kind: one of :data:`CLASSES`.
        lesion_seed: decides the lesion.
        scan: number of the scan, which with the seed decides organ, position, spacing and noise.

    Returns:
        Hounsfield units (X, Y, Z), the lesion's mask of the same shape, and the affine in RAS+ space.

    """
    lesion = np.random.default_rng(lesion_seed)
    shown = kind
    if lesion.random() < ATYPICAL:
        shown = str(lesion.choice([name for name in CLASSES if name != kind]))
    radius, stretch = lesion.uniform(7.0, 11.0), lesion.uniform(0.85, 1.18, 3)
    contrast = lesion.uniform(0.7, 1.5)
    roughness = lesion.uniform(0.25, 0.45) if shown == "nodule" else lesion.uniform(0.0, 0.12)
    rng = np.random.default_rng([*lesion_seed, scan])
    spacing = rng.uniform(0.8, 1.2, 3) * SPACING
    shape = np.round(FIELD / spacing).astype(int)
    affine = np.diag([*spacing, 1.0])
    affine[:3, 3] = rng.uniform(-50, 50, 3)
    grid = np.stack(np.meshgrid(*[(np.arange(n) - (n - 1) / 2) * s for n, s in zip(shape, spacing, strict=True)]))
    grid = grid.transpose(0, 2, 1, 3)
    center = rng.normal(0, 3.0, 3)
    from_center = np.linalg.norm((grid - center[:, None, None, None]) / stretch[:, None, None, None], axis=0)
    level = from_center / radius + roughness * _texture(rng, shape, 3.0 / spacing)
    organ = np.linalg.norm((grid - rng.normal(0, 2, 3)[:, None, None, None]) / rng.uniform(24, 30), axis=0)
    tissue = 100 + 14 * _texture(rng, shape, 3.0 / spacing) + rng.normal(0, 8)
    vessels = np.clip(_texture(rng, shape, 2.5 / spacing) - 1.6, 0, 1) * 60
    volume = np.where(organ < 1, tissue + vessels, -80 + 20 * _texture(rng, shape, 4.0 / spacing))
    inside = 1 / (1 + np.exp((level - 1) * 8))
    core = 1 / (1 + np.exp((level - 0.55) * 8))
    change = {
        "cyst": -75 * inside,
        "metastasis": 55 * inside - 115 * core,
        "nodule": (45 + 12 * _texture(rng, shape, 1.5 / spacing)) * inside,
    }[shown]
    volume = gaussian_filter(volume + contrast * change, 0.5) + rng.uniform(8, 14) * rng.standard_normal(shape)
    return volume.astype(np.float32), level < 1, affine


def _texture(rng: np.random.Generator, shape: NDArray[np.int_], sigma: NDArray[np.float64]) -> NDArray[np.float64]:
    """Smooth noise of mean 0 and standard deviation 1."""
    noise = gaussian_filter(rng.standard_normal(shape), sigma)
    result: NDArray[np.float64] = noise / noise.std()
    return result


def _save(folder: Path, label: int, patient: int, scan: int, seed: int) -> dict[str, Any]:
    kind = list(CLASSES)[label]
    volume, mask, affine = render_lesion(kind, [seed, label, patient], scan)
    rng = np.random.default_rng([seed, label, patient, scan, 1])
    # Scanners store the axes in various orders and directions.
    axes = np.stack([rng.permutation(3), rng.choice([-1, 1], 3)], axis=1)
    name = f"{kind}_{patient:03d}_{scan}"
    for kind_of_file, values in (("images", np.round(volume).astype(np.int16)), ("masks", mask.astype(np.uint8))):
        image = nibabel.Nifti1Image(values, affine).as_reoriented(axes)
        nibabel.save(image, folder / kind_of_file / f"{name}.nii.gz")
    return {
        "image": f"images/{name}.nii.gz",
        "label": label,
        "image_id": name,
        "lesion_id": f"{kind}_{patient:03d}",
        "mask": f"masks/{name}.nii.gz",
    }
