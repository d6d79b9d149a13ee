"""HAM10000 as it is downloaded: metadata, images and lesion masks.

Tschandl, Rosendahl, Kittler: The HAM10000 dataset, a large collection of multi-source dermatoscopic images of common
pigmented skin lesions. Scientific Data 5, 180161 (2018). doi 10.7910/DVN/DBW86T, licence CC BY-NC 4.0.
"""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from custom.data.decode import check_images
from custom.data.sample import Sample
from custom.data.sources import SourceFile, Sources

CLASSES = {
    "mel": "melanoma",
    "bkl": "benign keratosis-like lesion",
    "nv": "melanocytic nevus",
    "akiec": "actinic keratosis or intraepithelial carcinoma",
    "bcc": "basal cell carcinoma",
    "df": "dermatofibroma",
    "vasc": "vascular lesion",
}
IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png")
MASK_ENDING = "_segmentation"


@dataclass(frozen=True)
class Row:
    """One line of the metadata: an image, its lesion and its diagnosis (a key of `CLASSES` if all is well)."""

    image_id: str
    lesion_id: str
    dx: str


@dataclass
class Collection:
    """What was found of HAM10000.

    Args:
        samples: usable images of the wanted classes, each decoded once.
        problems: for each kind of problem the names it concerns. Nothing in ``samples`` has one.
        without_image: number of the wanted classes' metadata rows that have no image.
        masks: number of samples with a mask.

    """

    samples: list[Sample]
    problems: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    without_image: int = 0
    masks: int = 0


def find_metadata(sources: Sources) -> SourceFile:
    """Return the one file named ``HAM10000_metadata*``; copies of one file count as one.

    Raises:
        ValueError: there is none, or there are different ones.

    """
    found = [f for f in sources.files if f.name.startswith("HAM10000_metadata")]
    different = {sources.signature(file): file for file in found}
    if len(different) != 1:
        names = f"several, {' and '.join(map(str, different.values()))}" if different else "none"
        raise ValueError(
            f"One HAM10000_metadata file is needed among the images, there is {names}: name it with --metadata."
        )
    return found[0]


def read_metadata(content: bytes, name: str) -> list[Row]:
    """Read the metadata, separated by commas or tabs.

    Args:
        content: the file's content.
        name: the file's name, for messages.

    Raises:
        ValueError: it is no text, has no rows, or lacks one of the columns lesion_id, image_id and dx.

    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(f"{name} is not a text table: give HAM10000_metadata, a CSV.") from None
    reader = csv.DictReader(io.StringIO(text), delimiter="\t" if "\t" in text.partition("\n")[0] else ",")
    missing = [
        column for column in ("lesion_id", "image_id", "dx") if column not in (reader.fieldnames or [])
    ]
    if missing:
        raise ValueError(
            f"{name} lacks the column {missing[0]}: give HAM10000_metadata, with lesion_id, image_id and dx."
        )
    rows = [
        Row(r["image_id"] or "", r["lesion_id"] or r["image_id"] or "", (r["dx"] or "").lower())
        for r in reader
    ]
    if not rows:
        raise ValueError(f"{name} has no rows: download it again.")
    return rows


def collect(sources: Sources, rows: Sequence[Row], classes: Sequence[str]) -> Collection:
    """Match images, masks and metadata, and decode every image of the wanted classes.

    Args:
        sources: where images and masks are looked for: an image is named by its id, a mask
            ``<image_id>_segmentation.png``. Copies of one file count as one.
        rows: the metadata.
        classes: the wanted diagnoses, in the order of their labels.

    Returns:
        The samples, sorted by image id, and all problems.

    """
    result = Collection([])
    images: dict[str, list[SourceFile]] = defaultdict(list)
    masks: dict[str, list[SourceFile]] = defaultdict(list)
    for file in sources.files:
        if file.suffix in IMAGE_SUFFIXES:
            of_mask = file.stem.endswith(MASK_ENDING)
            (masks if of_mask else images)[file.stem.removesuffix(MASK_ENDING)].append(file)
    times = Counter(row.image_id for row in rows)
    diagnoses: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        diagnoses[row.lesion_id].add(row.dx)
    result.problems["image ids without a row in the metadata"] = sorted(set(images) - set(times))
    result.problems["image ids with several rows in the metadata"] = sorted(
        i for i, n in times.items() if n > 1
    )
    result.problems["rows of unknown class"] = sorted(
        f"{r.image_id} ({r.dx})" for r in rows if r.dx not in CLASSES
    )
    result.problems["lesions of two classes"] = sorted(
        lesion for lesion, dx in diagnoses.items() if len(dx) > 1
    )
    wanted = [
        r for r in rows if r.dx in classes and times[r.image_id] == 1 and len(diagnoses[r.lesion_id]) == 1
    ]
    result.without_image = sum(row.image_id not in images for row in wanted)
    for row in sorted((r for r in wanted if r.image_id in images), key=lambda r: r.image_id):
        image = _only(sources, images[row.image_id])
        if image is None:
            result.problems["image ids with different images"].append(row.image_id)
            continue
        result.samples.append(Sample(row.image_id, row.lesion_id, classes.index(row.dx), image))
    _decode(sources, result, masks)
    result.problems = {kind: names for kind, names in result.problems.items() if names}
    return result


def _only(sources: Sources, copies: Sequence[SourceFile]) -> SourceFile | None:
    """Return the first of several copies, or ``None`` where they differ."""
    if len(copies) > 1 and len({sources.signature(file) for file in copies}) > 1:
        return None
    return copies[0]


def _decode(sources: Sources, result: Collection, masks: dict[str, list[SourceFile]]) -> None:
    """Drop samples that cannot be decoded and add the masks, which must be as large as their images."""
    sizes = check_images(sources, [sample.image for sample in result.samples])
    unmasked, result.samples = result.samples, []
    for sample, size in zip(unmasked, sizes, strict=True):
        if isinstance(size, OSError):
            result.problems["images that cannot be decoded"].append(f"{sample.image_id} ({size})")
            continue
        mask = _only(sources, masks.get(sample.image_id) or [None])  # type: ignore[list-item]
        if mask is None and sample.image_id in masks:
            result.problems["image ids with different masks"].append(sample.image_id)
        elif mask is not None:
            (mask_size,) = check_images(sources, [mask])
            if mask_size != size:
                result.problems["masks that do not fit their image"].append(
                    f"{sample.image_id} ({mask_size} != {size})"
                )
                mask = None
        result.masks += mask is not None
        result.samples.append(Sample(sample.image_id, sample.lesion_id, sample.label, sample.image, mask))
