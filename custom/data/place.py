"""Bringing chosen samples into a data set folder."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from custom.data.image_format import split_suffix
from custom.data.sample import Sample
from custom.data.sources import SourceFile, Sources


def place_samples(
    sources: Sources, splits: Mapping[str, Sequence[Sample]], folder: Path
) -> dict[str, list[dict[str, Any]]]:
    """Make the datalist's items; what lies in archives is unpacked, what lies in folders stays where it is.

    Args:
        sources: what the samples belong to.
        splits: the chosen samples of each split.
        folder: the data set's folder; members of archives go to its ``images`` and ``masks``.

    Returns:
        For each split its items: ``image``, ``label``, ``image_id``, ``lesion_id`` and, if there are, ``mask`` and
        ``attributes``, with paths relative to ``folder`` or a sibling of it.

    """
    bar = tqdm(desc="writing", total=sum(map(len, splits.values())), unit="image", disable=None)
    items: dict[str, list[dict[str, Any]]] = {}
    with bar:
        for split, samples in splits.items():
            items[split] = []
            for sample in samples:
                item = {
                    "image": _place(sources, sample.image, folder, "images"),
                    "label": sample.label,
                    "image_id": sample.image_id,
                    "lesion_id": sample.lesion_id,
                }
                if sample.mask is not None:
                    item["mask"] = _place(sources, sample.mask, folder, "masks")
                if sample.attributes:
                    item["attributes"] = dict(sample.attributes)
                items[split].append(item)
                bar.update()
    return items


def _place(sources: Sources, file: SourceFile, folder: Path, kind: str) -> str:
    if file.member is None:
        return Path(os.path.relpath(file.path, folder.resolve())).as_posix()
    (folder / kind).mkdir(exist_ok=True)
    target = folder / kind / file.name
    if target.exists():
        # The same name in another folder of the archives.
        digest = hashlib.sha256(str(file).encode()).hexdigest()[:8]
        target = folder / kind / f"{file.stem}-{digest}{split_suffix(file.name)[1]}"
    target.write_bytes(sources.read(file))
    return f"{kind}/{target.name}"
