"""What is known of one image before it is in a data set."""

from __future__ import annotations

from dataclasses import dataclass

from custom.data.sources import SourceFile


@dataclass(frozen=True)
class Sample:
    """A labelled image and where it comes from.

    Args:
        image_id: unique name of the image.
        lesion_id: name of what it shows; images of one lesion (or patient) must not be split.
        label: index of the class.
        image: the file with the image.
        mask: the file with the lesion's mask, ``None`` where there is none.

    """

    image_id: str
    lesion_id: str
    label: int
    image: SourceFile
    mask: SourceFile | None = None
