"""A whole synthetic data set."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image
from tqdm import tqdm

from custom.data.examples import IMAGES_PER_CLASS, split_counts
from custom.data.split import split_by_group
from custom.data.synthetic.image import render
from custom.data.synthetic.lesion import CLASSES
from custom.data.write_datalist import write_datalist
from custom.files.workers import follow_parent

VIEWS = (0.78, 0.16, 0.06)
"""Share of the lesions with one, two and three images, about that of HAM10000."""


class View(NamedTuple):
    """One image to be made: its class index, its lesion's number within the class and the view's number."""

    label: int
    lesion: int
    view: int

    @property
    def lesion_id(self) -> str:
        """Name of the lesion."""
        return f"{list(CLASSES)[self.label]}_{self.lesion:04d}"

    @property
    def image_id(self) -> str:
        """Name of the image."""
        return f"{self.lesion_id}_{self.view}"


def make_synthetic(
    folder: Path, per_class: int = IMAGES_PER_CLASS, size: int = 128, seed: int = 0, workers: int | None = None
) -> dict[str, list[dict[str, Any]]]:
    """Make a synthetic dermoscopic data set: images, lesion masks, ``datalist.json``, ``classes.csv``.

    70 % of the images are for training, 10 % for validation and 20 % for testing, exactly balanced and
    split by lesion. The same arguments give the same bytes with the same versions of NumPy, SciPy and Pillow.

    Args:
        folder: an existing folder, which gets ``images`` and ``masks``.
        per_class: images of each class, at least 10.
        size: edge of the images in pixels, at least 16.
        seed: decides everything; a lesion depends on it and on its own number alone.
        workers: processes to render with, by default one a core.

    Returns:
        The datalist's items of each split.

    Raises:
        ValueError: ``per_class``, ``size`` or ``seed`` is too small.

    """
    for name, value, least in (("per_class", per_class, 10), ("size", size, 16), ("seed", seed, 0)):
        if value < least:
            raise ValueError(f"{name} is {value} and must be at least {least}.")
    views = draw_views(per_class, seed)
    for kind in ("images", "masks"):
        (folder / kind).mkdir(exist_ok=True)
    save = partial(_save, folder, size, seed)
    bar = partial(tqdm, desc="rendering", total=len(views), unit="image", disable=None)
    if workers == 1:
        items = list(bar(map(save, views)))
    else:
        count = workers or os.cpu_count()
        with ProcessPoolExecutor(count, initializer=follow_parent, initargs=(os.getpid(),)) as pool:
            items = list(bar(pool.map(save, views, chunksize=8)))
    counts = split_counts(per_class, validation=0.1, test=0.2)
    chosen = split_by_group([v.label for v in views], [v.lesion_id for v in views], counts, seed)
    splits = {name: [items[index] for index in indices] for name, indices in chosen.items()}
    write_datalist(folder, "synthetic dermoscopy", CLASSES, splits, split_by="lesion", seed=seed)
    return splits


def draw_views(per_class: int, seed: int) -> list[View]:
    """Decide how many images each lesion gets, until there are ``per_class`` of each class."""
    rng = np.random.default_rng(seed)
    views: list[View] = []
    for label in range(len(CLASSES)):
        of_class: list[View] = []
        lesion = 0
        while len(of_class) < per_class:
            number = rng.choice(len(VIEWS), p=VIEWS) + 1
            of_class += [View(label, lesion, view) for view in range(number)]
            lesion += 1
        views += of_class[:per_class]
    return views


def _save(folder: Path, size: int, seed: int, view: View) -> dict[str, Any]:
    image, mask = render(list(CLASSES)[view.label], [seed, view.label, view.lesion], view.view, size)
    names = f"images/{view.image_id}.jpg", f"masks/{view.image_id}_segmentation.png"
    Image.fromarray(image).save(folder / names[0], quality=95, subsampling=0)
    Image.fromarray(mask).save(folder / names[1])
    return {
        "image": names[0],
        "label": view.label,
        "image_id": view.image_id,
        "lesion_id": view.lesion_id,
        "mask": names[1],
    }
