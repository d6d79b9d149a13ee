"""Folders named after the classes, also inside folders named after the splits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from custom.counts import counted
from custom.data.class_names import sort_class_names
from custom.data.find_files import printable
from custom.data.forms.recognized import Recognized
from custom.data.image_format import HEAD_BYTES, IMAGE_SUFFIXES, identify, split_suffix, without_suffix
from custom.data.sample import Sample
from custom.data.sources import SourceFile, Sources
from custom.data.split_names import split_of
from custom.data.table import normalized

_MASK = re.compile(r"^(?P<image>.+?)[ _-](?:mask|segmentation|seg)(?:[ _-]?\d+)?$", re.IGNORECASE)
_IMAGE_FOLDERS = ("image", "images", "img", "imgs")
_MASK_FOLDERS = ("mask", "masks", "segmentation", "segmentations", "annotations", "groundtruth")
_MAGNIFICATION = re.compile(r"\d+x", re.IGNORECASE)


def is_meant_as_image(sources: Sources, file: SourceFile) -> bool:
    """Tell whether a file has an image's name or content."""
    if file.series or file.name.lower().endswith(IMAGE_SUFFIXES):
        return True
    try:
        return identify(sources.head(file, HEAD_BYTES)) is not None
    except OSError:
        return False


def read_class_folders(sources: Sources, root: str) -> Recognized:
    """Find ``<class>/**/<image>``, ``<split>/<class>/**/<image>`` or ``<class>/<split>/**/<image>``.

    Folders that hold nothing but one folder are passed through. ``X_mask.png`` beside ``X.png`` is its mask, and so is
    ``masks/<class>/X.png`` of ``images/<class>/X.png``.

    Args:
        sources: the files.
        root: what they are called in messages.

    Returns:
        The classes, sorted, and the samples, each in a group of its own.

    Raises:
        ValueError: there are fewer than two class folders with images, or the folders are not classes.

    """
    result = Recognized("a folder of images for each class", [], [])
    files = []
    for file in sources.files:
        if is_meant_as_image(sources, file):
            files.append(file)
        else:
            result.left_out[file.short] = "it is not an image"
    paths = {file: PurePosixPath(*file.relative.parts[_common_depth(files) :]) for file in files}
    images, masks = _separate_masks(paths, result)
    loose = [file for file in images if len(paths[file].parts) < 2]
    for file in loose if len(loose) < len(images) else ():
        result.add_problem("images outside the class folders", file.short)
    images = [file for file in images if len(paths[file].parts) > 1]
    placed = {file: _class_and_split(paths[file]) for file in images}
    if {split for _, split in placed.values()} != {None}:
        result.form = "folders of the splits, with a folder of images for each class"
        unsplit = sorted({paths[file].parts[0] for file, (_, split) in placed.items() if split is None})
        if unsplit:
            raise ValueError(
                f"{root} has folders of splits and others ({printable(unsplit[0])}); pass "
                "only the splits, or only the folders of the classes."
            )
        if not all(name for name, _ in placed.values()):
            raise ValueError(f"{root} has folders of splits, but none of classes inside them; pass a table of labels.")
    names = sort_class_names(printable(name).strip() for name, _ in placed.values())
    _refuse_other_folders(names, root)
    if len(names) < 2:
        raise ValueError(f"{root} needs at least two folders of images, named after the classes; it has {len(names)}.")
    result.classes = names
    for file, (name, split) in placed.items():
        label = names.index(printable(name).strip())
        mask = masks.get(file)
        result.samples.append(Sample(printable(paths[file]), printable(paths[file]), label, file, mask, split))
    _note_empty_folders(sources, images, result)
    used = sum(sample.mask is not None for sample in result.samples)
    if used:
        result.notes.append(f"{counted(used, 'image')} with a mask.")
    return result


def _note_empty_folders(sources: Sources, images: Sequence[SourceFile], result: Recognized) -> None:
    """Name the folders of which nothing can be read: a class would vanish with them."""
    used = {parent for file in images for parent in file.path.parents}
    empty = {entry.path.parent for entry in sources.skipped if entry.refused} - used
    for folder in sorted(map(printable, empty)):
        result.add_problem("folders without an image that can be read", folder)


def _common_depth(files: Sequence[SourceFile]) -> int:
    """How many folders hold all files and nothing else."""
    depth = 0
    while files and len({file.relative.parts[: depth + 1] for file in files}) == 1:
        if len(files[0].relative.parts) <= depth + 2 or any(len(f.relative.parts) <= depth + 2 for f in files):
            break
        if split_of(files[0].relative.parts[depth]):
            break
        depth += 1
    return depth


def _class_and_split(path: PurePosixPath) -> tuple[str, str | None]:
    """The class folder and the split of an image; the class is empty if there is only a split."""
    first, second = path.parts[0], path.parts[1] if len(path.parts) > 2 else ""
    if split_of(first):
        return second, split_of(first)
    return first, split_of(second) if second else None


def _separate_masks(
    paths: dict[SourceFile, PurePosixPath], result: Recognized
) -> tuple[list[SourceFile], dict[SourceFile, SourceFile]]:
    """Tell images from masks, and take ``images`` and ``masks`` off the paths."""
    tops = {path.parts[0] for path in paths.values() if len(path.parts) > 1}
    kinds = {top: _folder_kind(top) for top in tops}
    by_folder = set(kinds.values()) == {"image", "mask"} and len(tops) == 2
    if by_folder and all(len(path.parts) > 2 for path in paths.values()):
        separate = {file: kinds[path.parts[0]] == "mask" for file, path in paths.items()}
        for file, path in paths.items():
            paths[file] = PurePosixPath(*path.parts[1:])
        places = {path.with_name(_base_name(path)): file for file, path in paths.items() if not separate[file]} | {
            without_suffix(path): file for file, path in paths.items() if not separate[file]
        }
    else:
        places = {without_suffix(path): file for file, path in paths.items()}
        separate = {
            file: _base_name(path) != without_suffix(path).name and path.with_name(_base_name(path)) in places
            for file, path in paths.items()
        }
    masks: dict[SourceFile, SourceFile] = {}
    for file in (file for file, is_mask in separate.items() if is_mask):
        path = paths[file]
        image = places.get(without_suffix(path)) if by_folder else None
        image = image or places.get(path.with_name(_base_name(path)))
        if image is None:
            result.add_problem("masks without an image", file.short)
        elif image in masks:
            result.left_out[file.short] = f"it is a second mask of {image.short}"
        else:
            masks[image] = file
    return [file for file, is_mask in separate.items() if not is_mask], masks


def _base_name(path: PurePosixPath) -> str:
    """The name, without suffix, of the image that a file named like a mask belongs to; else its own."""
    stem, _ = split_suffix(path.name)
    match = _MASK.match(stem)
    return match["image"] if match else stem


def _folder_kind(name: str) -> str:
    if normalized(name) in _IMAGE_FOLDERS:
        return "image"
    return "mask" if normalized(name) in _MASK_FOLDERS else ""


def _refuse_other_folders(names: Sequence[str], root: str) -> None:
    if names and all(_folder_kind(name) for name in names):
        folders = " and ".join(names)
        raise ValueError(f"{root} has the folders {folders}, which are not classes; pass a table of labels.")
    if names and all(_MAGNIFICATION.fullmatch(name) for name in names):
        raise ValueError(
            f"{root} has the folders {', '.join(names)}, which are magnifications, not classes; pass one of them."
        )


def group_by_pattern(result: Recognized, pattern: str) -> None:
    """Give the samples groups that are read from their file names.

    Args:
        result: gets the groups; samples whose names do not fit become problems.
        pattern: a regular expression that is searched for in the path; its first group, or all that it matches.

    Raises:
        ValueError: it is not a regular expression, or fits no name.

    """
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise ValueError(f"--group-pattern {pattern!r} is not a regular expression ({error}).") from None
    kept = []
    for sample in result.samples:
        match = compiled.search(sample.image.short)
        if match is None:
            result.add_problem("images whose names do not match the group pattern", sample.image_id)
            continue
        kept.append(replace(sample, lesion_id=match[1] if compiled.groups else match[0]))
    if not kept:
        raise ValueError(f"--group-pattern {pattern!r} matches no file name, such as {result.samples[0].image.short}.")
    result.samples, result.grouped_by = kept, "the pattern in the file names"
