"""What a plan needs to know of a data set."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from custom.data.check_images import ImageFacts, check_images
from custom.data.datalist import load_datalist
from custom.data.datalist_properties import class_names, intensity_window, splits_of
from custom.data.decoded_image import UnreadableImageError
from custom.data.intensity import IntensityWindow
from custom.data.sources import SourceFile, Sources

IMAGES = 500
"""Training images that are read at most, evenly spaced over the datalist."""


@dataclass(frozen=True)
class DatasetFingerprint:
    """A data set's properties.

    Args:
        classes: the classes' names, in the order of their labels.
        counts: training images of each class, in the same order.
        images: number of images of each split.
        sizes: width and height in pixels of each image that was read.
        gray: how many of the images that were read are monochrome.
        low: the smallest value of them.
        high: the largest.
        window: the data set's intensity window.

    """

    classes: tuple[str, ...]
    counts: tuple[int, ...]
    images: dict[str, int]
    sizes: tuple[tuple[int, int], ...]
    gray: int
    low: float
    high: float
    window: IntensityWindow

    @property
    def shorter_side(self) -> float:
        """The median of the images' shorter sides, in pixels."""
        return median(min(size) for size in self.sizes)

    @property
    def elongation(self) -> float:
        """The median ratio of the longer to the shorter side, at least 1."""
        return median(max(size) / min(size) for size in self.sizes)

    @property
    def imbalance(self) -> float:
        """How many times as many training images the largest class has as the smallest."""
        return max(self.counts) / min(self.counts)


def read_fingerprint(path: Path, images: int = IMAGES) -> DatasetFingerprint:
    """Read a data set's properties: all labels, and some of the training images.

    Args:
        path: a ``datalist.json``, or the folder that holds it.
        images: how many training images are read at most.

    Raises:
        FileNotFoundError: there is no such datalist, or files that it names are missing.
        ValueError: it is not a datalist, an image cannot be read, or it holds volumes.

    """
    splits = {split: load_datalist(path, split) for split in splits_of(path)}
    if "training" not in splits:
        raise ValueError(f"{path} has no training images to make a plan for.")
    names = class_names(path)
    counts = Counter(item["label"] for item in splits["training"])
    step = max(1, -(-len(splits["training"]) // images))
    some = splits["training"][::step]
    facts: list[ImageFacts] = []
    with Sources([]) as sources:
        files = [SourceFile(path, series=path.is_dir()) for path in (Path(item["image"]) for item in some)]
        for item, outcome in zip(some, check_images(sources, files, "reading images"), strict=True):
            if isinstance(outcome, UnreadableImageError):
                raise ValueError(f"{item['image']}: {outcome}; scripts/check_data.py lists all such images.")
            facts.append(outcome)
    if any(fact.is_volume for fact in facts):
        raise ValueError(
            f"{path} holds volumes, but plans are made for 2-D images; bundle/configs/volume.json is for volumes."
        )
    return DatasetFingerprint(
        tuple(names),
        tuple(counts[label] for label in range(len(names))),
        {split: len(items) for split, items in splits.items()},
        tuple((fact.size[0], fact.size[1]) for fact in facts),
        sum(fact.channels == 1 for fact in facts),
        min(fact.low for fact in facts),
        max(fact.high for fact in facts),
        IntensityWindow.from_mapping(intensity_window(path)),
    )
