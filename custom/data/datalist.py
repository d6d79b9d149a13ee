"""Reading the images of a data set's ``datalist.json``."""

from __future__ import annotations

import os
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from custom.counts import counted
from custom.data.datalist_properties import SPLITS, names_of, read_datalist


class SharedGroupsWarning(UserWarning):
    """Images of one lesion or patient are in several splits, so that a test set tells too much."""


def load_datalist(
    path: str | os.PathLike[str],
    split: str = "training",
    masks: bool = False,
    classes: Sequence[str] | None = None,
    attributes: bool = False,
) -> list[dict[str, Any]]:
    """Read one split of a datalist and check it.

    Args:
        path: a decathlon style ``datalist.json``, or the folder that holds it.
        split: the split's name: ``training``, ``validation`` or ``test``.
        masks: whether to give the items that have a lesion ``mask`` its path, too. A classifier does not need it,
            and items of which only some have one do not go into one batch.
        classes: names that the labels must have, in this order; by default any.
        attributes: whether to give what else a table said of each image, such as age and sex, under ``attributes``.

    Returns:
        The items: ``image`` (and ``mask``, if asked for) as absolute paths, ``label`` as a class index,
        ``image_id`` (by default the image's path as written) and ``lesion_id`` (by default the image id).

    Raises:
        FileNotFoundError: there is no such datalist, or files that it names are missing.
        ValueError: it is not a datalist, its classes are not ``classes``, there is no such split, the split is empty, a
            label is not in ``labels``, an image id is there twice, or a class has no training image. A class missing
            elsewhere is a warning.

    Example::

        >>> items = load_datalist("data/synthetic", "test")
        >>> items[0]["label"], items[0]["image_id"]
        (0, 'MEL_0093')

    """
    path, content = read_datalist(path)
    names = names_of(content, path)
    if classes is not None and names != list(classes):
        raise ValueError(
            f"{path} has the classes {', '.join(names)}, but {', '.join(classes)} are expected, in this order; "
            f'pass data of these, or --class_names "{names}" to train a network for those of the data.'
        )
    if split not in content:
        raise ValueError(
            f"{path} has no split {split!r}: it has {', '.join(s for s in SPLITS if s in content) or 'none'}."
        )
    written = content[split]
    if not isinstance(written, list) or not written:
        raise ValueError(f"{path}: the split {split!r} is empty.")
    for item in written:
        if not isinstance(item, dict) or not isinstance(item.get("image"), str) or "label" not in item:
            raise ValueError(f"{path}: every item of {split!r} needs 'image' (a path) and 'label', which {item} lacks.")
        _check_paths(path, item)
    _check_labels(path, split, written, content["labels"])
    items: list[dict[str, Any]] = []
    # What MONAI's load_decathlon_datalist returns, without PyTorch, for which the preparation need not wait.
    for item in written:
        image_id = str(item.get("image_id", item["image"]))
        absolute = {key: str((path.parent / item[key]).resolve()) for key in ("image", "mask") if key in item}
        lesion_id = str(item.get("lesion_id") or image_id)
        complete = {**item, "lesion_id": lesion_id, "image_id": image_id, **absolute}
        if not masks:
            complete.pop("mask", None)
        if not attributes:
            complete.pop("attributes", None)
        items.append(complete)
    repeated = [name for name, count in Counter(item["image_id"] for item in items).items() if count > 1]
    if repeated:
        raise ValueError(
            f"{path} repeats {counted(len(repeated), 'image id')} in {split!r}, the first is {repeated[0]}."
        )
    _check_other_splits(path, content, split)
    missing = [item[key] for item in items for key in ("image", "mask") if key in item and not Path(item[key]).exists()]
    if missing:
        files = counted(len(missing), "file")
        raise FileNotFoundError(f"{path}: {files} of {split!r} cannot be found, the first is {missing[0]}.")
    return items


def _check_paths(path: Path, item: Mapping[str, Any]) -> None:
    for key in ("image", "mask"):
        if key in item and (not isinstance(item[key], str) or "\0" in item[key]):
            raise ValueError(f"{path}: the {key} of {item['image']!r} is {item[key]!r}, which is not a path.")


def _check_other_splits(path: Path, content: Mapping[str, Any], split: str) -> None:
    """Refuse images that are in another split, too, and warn of groups that are."""
    images, ids, groups = _members(content[split])
    for other in (name for name in SPLITS if name != split):
        other_images, other_ids, other_groups = _members(content.get(other))
        twice = images & other_images or ids & other_ids
        if twice:
            raise ValueError(f"{path}: {min(twice)} is in {split!r} and in {other!r}; an image belongs to one split.")
        # Said once, when the earlier of the two is read.
        shared = groups & other_groups if SPLITS.index(split) < SPLITS.index(other) else set()
        if shared and content.get("split_by") != "image":
            message = (
                f"{path} has {counted(len(shared), 'group')} both in {split!r} and in {other!r}, the first is "
                f"{min(shared)}."
            )
            warnings.warn(message, SharedGroupsWarning, stacklevel=3)


def _members(written: Any) -> tuple[set[str], set[str], set[str]]:
    """The paths, ids and groups of a split's items."""
    items = [item for item in written or [] if isinstance(item, dict) and isinstance(item.get("image"), str)]
    images = {os.path.normpath(item["image"]) for item in items}
    ids = {str(item.get("image_id", item["image"])) for item in items}
    return images, ids, {str(item["lesion_id"]) for item in items if item.get("lesion_id")}


def _check_labels(path: Path, split: str, items: Sequence[Mapping[str, Any]], labels: Mapping[str, str]) -> None:
    for item in items:
        label = item["label"]
        if type(label) is not int or not 0 <= label < len(labels):
            raise ValueError(
                f"{path}: {item['image']} in {split!r} has the label {label!r}, which should be a number "
                f"from 0 to {len(labels) - 1}."
            )
    absent = [name for index, name in labels.items() if int(index) not in {item["label"] for item in items}]
    if not absent:
        return
    message = f"{path}: {split!r} has no image of {', '.join(absent)}."
    if split == "training":
        raise ValueError(message)
    warnings.warn(message, stacklevel=3)
