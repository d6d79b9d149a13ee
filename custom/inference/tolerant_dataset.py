"""A data set in which a broken file is a result, not the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from monai.data import Dataset

from custom.data.decoded_image import UnreadableImageError


class TolerantDataset(Dataset):
    """MONAI's ``Dataset``, with items whose transforms fail marked instead of raised.

    Args:
        data: items, as dictionaries; one that has an ``error`` is not loaded.
        transform: makes the image of an item.
        blank: shape of the image that takes the place of one that cannot be read, so that batches stay whole.

    Example::

        >>> from custom.inference import TolerantDataset
        >>> from custom.data.load_image import LoadMedicalImaged
        >>> item = TolerantDataset([{"image": "none.png"}], LoadMedicalImaged("image"), blank=(3, 2, 2))[0]
        >>> item["error"], item["image"].shape
        ('there is no such file', torch.Size([3, 2, 2]))

    """

    def __init__(
        self, data: Sequence[dict[str, Any]], transform: Callable[[Any], Any], blank: Sequence[int] = (3, 1, 1)
    ) -> None:
        super().__init__(data, transform)
        self.blank = tuple(blank)

    def _transform(self, index: int) -> dict[str, Any]:
        """The item's image, and under ``error`` what is wrong with the file; empty if nothing is."""
        item = self.data[index]
        blank = {"image": torch.zeros(self.blank)}
        if len(self.blank) == 4:  # volumes have a place in space
            blank["affine"] = torch.eye(4, dtype=torch.float64)
        if item.get("error"):
            return {**item, **blank}
        try:
            return {**super()._transform(index), "error": ""}
        except Exception as error:
            return {**item, **blank, "error": _reason(error)}


def _reason(error: BaseException) -> str:
    """What is wrong with a file, in a few words; MONAI and the loading wrap it in what they were doing."""
    reason = error
    while error.__cause__ is not None:
        error = error.__cause__
        if isinstance(error, UnreadableImageError) or not isinstance(reason, UnreadableImageError):
            reason = error
    return (str(reason).splitlines() or [type(reason).__name__])[0]
