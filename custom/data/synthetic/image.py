"""Synthetic dermoscopic images with exact lesion masks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from custom.data.synthetic.artifacts import add_bubbles, add_hair, add_ruler, add_vignette, pixel_grid
from custom.data.synthetic.lesion import CYST, Lesion
from custom.data.synthetic.skin import Skin


def render(
    label: str, lesion_seed: list[int], view: int, size: int = 128
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Render one image of one lesion.

    Views of one lesion share the lesion and its skin; position, light, hair and other artifacts are their
    own.

    Args:
        label: a key of `custom.data.synthetic.lesion.CLASSES`.
        lesion_seed: decides the lesion and the skin.
        view: number of the view, which with the seed decides the rest.
        size: edge in pixels.

    Returns:
        The image, shape (size, size, 3), and the lesion's mask, shape (size, size), 255 inside and 0 outside.

    Example::

        >>> image, mask = render("MEL", [0, 1], view=0)
        >>> image.shape, mask.dtype
        ((128, 128, 3), dtype('uint8'))

    """
    rng = np.random.default_rng(lesion_seed)
    lesion, skin = Lesion(label, rng), Skin(rng)
    rng = np.random.default_rng([*lesion_seed, view])
    x, y = pixel_grid(size)
    angle, zoom, shift = rng.uniform(0, 2 * np.pi), rng.uniform(0.85, 1.15), rng.normal(0, 0.08, 2)
    cos, sin = np.float32(np.cos(angle) * zoom), np.float32(np.sin(angle) * zoom)
    x, y = cos * x - sin * y + np.float32(shift[0]), sin * x + cos * y + np.float32(shift[1])
    seen = lesion.look(x, y)
    image = skin.look(x, y) * np.exp(-seen.density)
    image += seen.cysts[..., None] * (CYST * skin.color.max() - image)
    image = gaussian_filter(image, (rng.uniform(0.002, 0.006) * size,) * 2 + (0,))
    for add, share in ((add_hair, 0.4), (add_ruler, 0.1), (add_bubbles, 0.15), (add_vignette, 1.0)):
        if rng.random() < share:
            image = add(image, rng)
    exposure, noise = rng.uniform(0.92, 1.06), rng.uniform(0.003, 0.012)
    image = np.float32(exposure) * image + np.float32(noise) * rng.standard_normal(image.shape, np.float32)
    mask = np.where(seen.level > 0, 255, 0)
    return np.clip(image * 255 + 0.5, 0, 255).astype(np.uint8), mask.astype(np.uint8)
