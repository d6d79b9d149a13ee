"""HAM10000 as it is downloaded: metadata, images and lesion masks.

Tschandl, Rosendahl, Kittler: The HAM10000 dataset, a large collection of multi-source dermatoscopic images
of common pigmented skin lesions. Scientific Data 5, 180161 (2018). doi 10.7910/DVN/DBW86T, licence CC BY-NC
4.0.
"""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

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
    """One line of the metadata: image, lesion and diagnosis (a key of `CLASSES` if all is well)."""

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
    missing = [column for column in ("lesion_id", "image_id", "dx") if column not in (reader.fieldnames or [])]
    if missing:
        raise ValueError(
            f"{name} lacks the column {missing[0]}: give HAM10000_metadata, with lesion_id, image_id and dx."
        )
    rows = [Row(r["image_id"] or "", r["lesion_id"] or r["image_id"] or "", (r["dx"] or "").lower()) for r in reader]
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
    result.problems["image ids with several rows in the metadata"] = sorted(i for i, n in times.items() if n > 1)
    result.problems["rows of unknown class"] = sorted(f"{r.image_id} ({r.dx})" for r in rows if r.dx not in CLASSES)
    result.problems["lesions of two classes"] = sorted(lesion for lesion, dx in diagnoses.items() if len(dx) > 1)
    wanted = [r for r in rows if r.dx in classes and times[r.image_id] == 1 and len(diagnoses[r.lesion_id]) == 1]
    result.without_image = sum(row.image_id not in images for row in wanted)
    for row in sorted((r for r in wanted if r.image_id in images), key=lambda r: r.image_id):
        image = _only(sources, images[row.image_id])
        if image is None:
            result.problems["image ids with different images"].append(row.image_id)
            continue
        result.samples.append(Sample(row.image_id, row.lesion_id, classes.index(row.dx), image))
    sizes = _drop_unreadable(sources, result)
    _add_masks(sources, result, masks, sizes)
    result.problems = {kind: names for kind, names in result.problems.items() if names}
    return result


def _only(sources: Sources, copies: Sequence[SourceFile]) -> SourceFile | None:
    """Return the first of several copies, or ``None`` where they differ."""
    if len(copies) > 1 and len({sources.signature(file) for file in copies}) > 1:
        return None
    return copies[0]


def _drop_unreadable(sources: Sources, result: Collection) -> list[tuple[int, int]]:
    """Keep the samples that can be decoded and return their sizes."""
    outcomes = check_images(sources, [sample.image for sample in result.samples])
    for sample, outcome in zip(result.samples, outcomes, strict=True):
        if isinstance(outcome, OSError):
            result.problems["images that cannot be decoded"].append(f"{sample.image_id} ({outcome})")
    pairs = zip(result.samples, outcomes, strict=True)
    result.samples = [sample for sample, outcome in pairs if not isinstance(outcome, OSError)]
    return [outcome for outcome in outcomes if not isinstance(outcome, OSError)]


def _add_masks(
    sources: Sources, result: Collection, masks: dict[str, list[SourceFile]], sizes: Sequence[tuple[int, int]]
) -> None:
    """Give the samples their masks, which must be as large as the images."""
    masked = [index for index, sample in enumerate(result.samples) if sample.image_id in masks]
    files = [_only(sources, masks[result.samples[index].image_id]) for index in masked]
    checked = iter(check_images(sources, [file for file in files if file is not None], "checking masks"))
    for index, file in zip(masked, files, strict=True):
        sample = result.samples[index]
        outcome = None if file is None else next(checked)
        if file is None:
            result.problems["image ids with different masks"].append(sample.image_id)
        elif isinstance(outcome, OSError):
            result.problems["masks that cannot be decoded"].append(f"{sample.image_id} ({outcome})")
        elif outcome != sizes[index]:
            result.problems["masks of another size than their image"].append(sample.image_id)
        else:
            result.samples[index] = replace(sample, mask=file)
            result.masks += 1
