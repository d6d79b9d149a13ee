"""Images with their perturbations and both predictions."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from custom.report.style import RIGHT, STYLE, WRONG, panel, shorten

Image = NDArray[np.floating]


def as_rgb(image: Image) -> Image:
    """An image (C, *spatial) as (height, width, 3); of a volume its middle slice."""
    while image.ndim > 3:
        image = image[..., image.shape[-1] // 2]
    return np.repeat(image[:1], 3, axis=0).transpose(1, 2, 0) if len(image) != 3 else image.transpose(1, 2, 0)


def amplification(perturbations: Image) -> float:
    """A factor, a power of ten or half of one, by which 99 % of the values of perturbations reach up to a half.

    Args:
        perturbations: any shape.

    Example::

        >>> import numpy as np
        >>> amplification(np.array([0.001]))
        500.0

    """
    size = float(np.quantile(np.abs(perturbations), 0.99))
    if size <= 0:
        return 1.0
    power = float(10 ** np.floor(np.log10(0.5 / size)))
    return power * 5 if 0.5 / size >= 5 * power else power


@matplotlib.rc_context(STYLE)
def example_figure(
    image: Image,
    image_adv: Image,
    factor: float,
    label: int,
    clean: NDArray[np.floating],
    attacked: NDArray[np.floating],
    class_names: Sequence[str],
) -> Figure:
    """Draw an image, its perturbation, and the attacked image, with what the network takes both for.

    Args:
        image: clean, shape (C, *spatial), in [0, 1].
        image_adv: attacked, the same shape.
        factor: by which the perturbation is amplified around gray, as `amplification` gives it.
        label: the true class.
        clean: probabilities on the clean image, shape (classes,).
        attacked: probabilities on the attacked image, shape (classes,).
        class_names: the classes' names, by number.
    """
    perturbation = image_adv - image
    figure = panel(height=1.62)
    axes = figure.subplots(1, 3)
    shown = (as_rgb(image), 0.5 + factor * as_rgb(perturbation), as_rgb(image_adv))
    for axis, content in zip(axes, shown, strict=True):
        axis.imshow(np.clip(content, 0, 1))
        axis.set_axis_off()
    for axis, kind, probabilities in ((axes[0], "clean", clean), (axes[2], "attacked", attacked)):
        found = int(np.argmax(probabilities))
        axis.set_title(
            f"{kind}:\n{shorten(class_names[found], 14)} {probabilities[found]:.0%}",
            fontsize=8,
            color=RIGHT if found == label else WRONG,
        )
    axes[1].set_title(f"change x {factor:g}\n(ℓ2 {np.linalg.norm(perturbation):.2f})", fontsize=8)
    return figure
