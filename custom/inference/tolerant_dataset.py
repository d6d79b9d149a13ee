"""A data set in which a broken file is a result, not the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from monai.data import Dataset

UNREADABLE = "it is no image that can be read (JPEG, PNG, BMP or DICOM, whole)"


class TolerantDataset(Dataset):
    """MONAI's ``Dataset``, with items whose transforms fail marked instead of raised.

    Args:
        data: items, as dictionaries.
        transform: makes the image of an item.
        blank: shape of the image that takes the place of one that cannot be read, so that batches stay whole.

    Example::

        >>> from custom.inference import TolerantDataset
        >>> from monai.transforms import LoadImaged
        >>> item = TolerantDataset([{"image": "none.png"}], LoadImaged("image"), blank=(3, 2, 2))[0]
        >>> item["error"], item["image"].shape
        ('there is no such file', torch.Size([3, 2, 2]))

    """

    def __init__(
        self, data: Sequence[dict[str, Any]], transform: Callable[[Any], Any], blank: Sequence[int] = (3, 1, 1)
    ) -> None:
        super().__init__(data, transform)
        self.blank = tuple(blank)

    def _transform(self, index: int) -> dict[str, Any]:
        """The item's image, and under ``error`` what is wrong with the file; empty where nothing is."""
        item = self.data[index]
        try:
            return {**super()._transform(index), "error": ""}
        except Exception as error:
            return {**item, "image": torch.zeros(self.blank), "error": _reason(error)}


def _reason(error: BaseException) -> str:
    """What is wrong with a file, in a few words; MONAI wraps it in what it was doing."""
    while error.__cause__ is not None:
        error = error.__cause__
    if isinstance(error, FileNotFoundError) or "No such file" in str(error):
        return "there is no such file"
    # MONAI lists what each of its readers said, at length.
    if "suitable reader" in str(error):
        return UNREADABLE
    return (str(error).splitlines() or [type(error).__name__])[0]
