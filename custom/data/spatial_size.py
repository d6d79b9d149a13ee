"""The size of what a network sees."""

from __future__ import annotations

from collections.abc import Sequence


def spatial_size(image_size: int | Sequence[int], spacing: Sequence[float] | None = None) -> tuple[int, ...]:
    """The size of the images that a network sees.

    Args:
        image_size: along each axis, or one number for all of them.
        spacing: of volumes; ``None`` for images.

    Returns:
        Height and width, or the voxels along the three axes.

    Raises:
        ValueError: there are more or fewer numbers than axes.

    Example::

        >>> spatial_size(64), spatial_size(32, spacing=(1, 1, 2))
        ((64, 64), (32, 32, 32))

    """
    axes = 2 if spacing is None else 3
    sizes = (image_size,) * axes if isinstance(image_size, int) else tuple(image_size)
    if len(sizes) != axes:
        raise ValueError(f"image_size is {list(sizes)}, but must be one number or {axes}.")
    return sizes
