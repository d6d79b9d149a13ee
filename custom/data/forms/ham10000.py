"""HAM10000 as it is downloaded: metadata, images and lesion masks.

Tschandl, Rosendahl, Kittler: The HAM10000 dataset, a large collection of multi-source dermatoscopic images
of common pigmented skin lesions. Scientific Data 5, 180161 (2018). doi 10.7910/DVN/DBW86T, license CC BY-NC
4.0.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from custom.counts import counted
from custom.data.forms.recognized import FormOptions, Problem, Recognized
from custom.data.sample import Sample
from custom.data.sources import SourceFile, Sources
from custom.data.table import read_table

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
PAPER_CLASSES = ("mel", "bkl", "nv")
MASK_ENDING = "_segmentation"


@dataclass(frozen=True)
class Row:
    """One line of the metadata: image, lesion, diagnosis (a key of `CLASSES` if all is well), and the other cells."""

    image_id: str
    lesion_id: str
    dx: str
    others: tuple[tuple[str, str], ...] = ()


def find_metadata(sources: Sources) -> SourceFile:
    """Return the one file named ``HAM10000_metadata*``; copies of one file count as one.

    Raises:
        ValueError: there is none, or there are different ones.

    """
    found = [f for f in sources.files if f.name.startswith("HAM10000_metadata")]
    different = {sources.signature(file): file for file in found}
    if len(different) != 1:
        names = f"{' and '.join(map(str, different.values()))} were" if different else "none was"
        raise ValueError(
            f"Exactly one HAM10000_metadata file is needed among the images, but {names} found; name it with --table."
        )
    return found[0]


def read_metadata(content: bytes, name: str) -> list[Row]:
    """Read the metadata, separated by commas or tabs.

    Args:
        content: the file's content.
        name: the file's name, for messages.

    Raises:
        ValueError: it is not text, has no rows, or lacks one of the columns lesion_id, image_id and dx.

    """
    table = read_table(content, name)
    columns = {column: table.find([column]) for column in ("lesion_id", "image_id", "dx")}
    missing = [column for column, found in columns.items() if found is None]
    if missing:
        raise ValueError(
            f"{name} lacks the column {missing[0]}; pass HAM10000_metadata, with lesion_id, image_id and dx."
        )
    if not table.rows:
        raise ValueError(f"{name} has no rows; download it again.")
    kept = [column for column in table.columns if column not in columns.values()]
    rows = []
    for cells in table.rows:
        lesion, image, dx = (cells[column or ""] for column in columns.values())
        rows.append(Row(image, lesion or image, dx.lower(), tuple((column, cells[column]) for column in kept)))
    return rows


def read_ham10000(sources: Sources, options: FormOptions) -> Recognized:
    """Read HAM10000 as it is downloaded, see `collect`.

    Args:
        sources: the files.
        options: ``table`` names the metadata if it is not among the files; ``classes`` the wanted diagnoses, by default
            the paper's three.

    Raises:
        ValueError: the metadata are missing or no such table, or a diagnosis is unknown.
    """
    if options.table is None:
        metadata = find_metadata(sources)
        rows = read_metadata(sources.read(metadata), str(metadata))
    else:
        rows = read_metadata(options.table.read_bytes(), str(options.table))
    classes = [name.lower() for name in options.classes or PAPER_CLASSES]
    classes = list(CLASSES) if classes == ["all"] else classes
    unknown = [name for name in classes if name not in CLASSES]
    if unknown or len(set(classes)) < max(2, len(classes)):
        raise ValueError(f"--classes takes 'all' or at least two different ones of {', '.join(CLASSES)}.")
    return collect(sources, rows, classes)


def collect(sources: Sources, rows: Sequence[Row], classes: Sequence[str]) -> Recognized:
    """Match images, masks and metadata.

    Args:
        sources: where images and masks are looked for: an image is named by its id, a mask
            ``<image_id>_segmentation.png``. Copies of one file count as one. Images without a row, such as the test
            images of ISIC 2018 in the same download, are counted and not used.
        rows: the metadata.
        classes: the wanted diagnoses, in the order of their labels.

    Returns:
        The samples, sorted by image id, and all problems.

    """
    result = Recognized("HAM10000", [name.upper() for name in classes], [], grouped_by="lesion")
    result.descriptions = {name.upper(): CLASSES[name] for name in classes}
    result.facts = {"licence": "CC BY-NC 4.0", "reference": "doi 10.7910/DVN/DBW86T"}
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
    _note_strangers(result, sorted(set(images) - set(times)), images)
    for image_id in sorted(name for name, number in times.items() if number > 1):
        result.add_problem("image ids with several rows in the metadata", image_id)
    for image_id, dx in sorted((row.image_id, row.dx) for row in rows if row.dx not in CLASSES):
        result.add_problem("rows of unknown class", image_id, dx)
    for lesion in sorted(lesion for lesion, classes_of in diagnoses.items() if len(classes_of) > 1):
        ids = tuple(sorted(row.image_id for row in rows if row.lesion_id == lesion))
        result.problems["lesions of two classes"].append(Problem(lesion, ids, lesion))
    wanted = [r for r in rows if r.dx in classes and times[r.image_id] == 1 and len(diagnoses[r.lesion_id]) == 1]
    for row in sorted((r for r in wanted if r.image_id in images), key=lambda r: r.image_id):
        image = _only(sources, images[row.image_id])
        if image is None:
            result.add_problem("image ids with different images", row.image_id)
            continue
        mask = _only(sources, masks[row.image_id]) if row.image_id in masks else None
        if mask is None and row.image_id in masks:
            result.add_problem("image ids with different masks", row.image_id)
        label = classes.index(row.dx)
        result.samples.append(Sample(row.image_id, row.lesion_id, label, image, mask, None, dict(row.others)))
    without = sum(row.image_id not in images for row in wanted)
    masked = sum(sample.mask is not None for sample in result.samples)
    result.notes.insert(
        0,
        f"{counted(len(result.samples), 'usable image')}, {masked} with a lesion mask; "
        f"{counted(without, 'row')} without an image.",
    )
    return result


def _note_strangers(result: Recognized, names: Sequence[str], images: dict[str, list[SourceFile]]) -> None:
    """Count the images without a row, and say how those of ISIC 2018's test set can be used."""
    if not names:
        return
    result.notes.append(
        f"{counted(len(names), 'image')} without a row in the metadata left out, the first is {names[0]}."
    )
    for name in names:
        for file in images[name]:
            result.left_out[file.short] = "it has no row in the metadata"
    if any("ISIC2018_Task3_Test" in str(file) for name in names for file in images[name]):
        result.notes.append(
            "The test images of ISIC 2018 are among them; pass their archive and their GroundTruth table with "
            "--only-test to make an external test set of them."
        )


def _only(sources: Sources, copies: Sequence[SourceFile]) -> SourceFile | None:
    """Return the first of several copies, or ``None`` if they differ."""
    if len(copies) > 1 and len({sources.signature(file) for file in copies}) > 1:
        return None
    return copies[0]
