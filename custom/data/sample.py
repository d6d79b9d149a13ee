"""What is known of one image before it is in a data set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from custom.data.sources import SourceFile


@dataclass(frozen=True)
class Sample:
    """A labeled image and where it comes from.

    Args:
        image_id: unique name of the image.
        lesion_id: name of what it shows; images of one lesion (or patient) must not be split.
        label: index of the class.
        image: the file with the image.
        mask: the file with the lesion's mask, ``None`` if there is none.
        split: the split that the data set itself assigns, ``None`` if that is to be drawn.
        attributes: what else the data set says of the image, by the table's columns.

    """

    image_id: str
    lesion_id: str
    label: int
    image: SourceFile
    mask: SourceFile | None = None
    split: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
