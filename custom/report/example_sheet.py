"""A sheet of images with their perturbations and both predictions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from custom.report.style import COLOURS


@dataclass(frozen=True)
class Examples:
    """A few images, clean and attacked.

    Args:
        images: clean, shape (n, C, *spatial), in [0, 1].
        images_adv: attacked, the same shape.
        image_ids: the images' names, length n.
        labels: true classes, shape (n,).
        clean: probabilities on the clean images, shape (n, classes).
        attacked: probabilities on the attacked images, shape (n, classes).
    """

    images: NDArray[np.float32]
    images_adv: NDArray[np.float32]
    image_ids: Sequence[str]
    labels: NDArray[np.int64]
    clean: NDArray[np.float64]
    attacked: NDArray[np.float64]


def as_picture(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """An image (C, *spatial) as (height, width, 3); of a volume its middle slice."""
    while image.ndim > 3:
        image = image[..., image.shape[-1] // 2]
    return np.repeat(image[:1], 3, axis=0).transpose(1, 2, 0) if len(image) != 3 else image.transpose(1, 2, 0)


def example_sheet(examples: Examples, class_names: Sequence[str]) -> Figure:
    """Draw each image, its perturbation, and the attacked image, with what the network takes them for.

    All perturbations are amplified by one factor, which the sheet states, and shown around grey.

    Args:
        examples: the images.
        class_names: the classes' names, in the order of the probabilities' columns.
    """
    perturbation = examples.images_adv - examples.images
    # 99 % of the values come within half of the range; a power of ten or half of one reads well.
    size = float(np.quantile(np.abs(perturbation), 0.99))
    exponent = np.floor(np.log10(0.5 / size)) if size > 0 else 0
    factor = 10**exponent * (5 if size and 0.5 / size >= 5 * 10**exponent else 1)

    figure = Figure(figsize=(7.2, 2.55 * len(examples.images) + 0.3), layout="constrained")
    grid = figure.subplots(len(examples.images), 3, squeeze=False)
    for row, axes in enumerate(grid):
        label = int(examples.labels[row])
        pictures = (
            as_picture(examples.images[row]),
            np.clip(0.5 + factor * as_picture(perturbation[row]), 0, 1),
            as_picture(examples.images_adv[row]),
        )
        for axis, picture in zip(axes, pictures, strict=True):
            axis.imshow(np.clip(picture, 0, 1))
            axis.set_axis_off()
        for axis, kind, probabilities in (
            (axes[0], "clean", examples.clean[row]),
            (axes[2], "attacked", examples.attacked[row]),
        ):
            found = int(probabilities.argmax())
            axis.set_title(
                f"{kind}: {class_names[found]} {probabilities[found]:.0%}",
                fontsize=9,
                color=COLOURS[2] if found == label else COLOURS[1],
            )
        norm = float(np.linalg.norm(perturbation[row]))
        axes[1].set_title(f"perturbation x {factor:g} (l2 {norm:.2f})", fontsize=9)
        axes[0].text(
            0.03,
            0.03,
            f"{examples.image_ids[row]}, truly {class_names[label]}",
            transform=axes[0].transAxes,
            fontsize=7,
            color="white",
            bbox={"facecolor": "black", "alpha": 0.6, "pad": 2, "edgecolor": "none"},
        )
    return figure
