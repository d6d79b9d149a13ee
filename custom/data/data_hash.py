"""A hash that tells data sets apart."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from custom.data.datalist import load_datalist
from custom.data.datalist_properties import class_names, intensity_window, splits_of
from custom.data.intensity import IntensityWindow


def data_hash(path: str | os.PathLike[str]) -> str:
    """Return a SHA-256 that tells whether two runs saw the same data.

    It covers the class names, an intensity window other than that of 8 bits and, for each item of each split in its
    order, the label, both ids and the bytes of the image and of the mask. Paths are left out: a data set that was moved
    keeps its hash.

    Args:
        path: a ``datalist.json``, or the folder that holds it. All files are read.

    Returns:
        64 hexadecimal digits.

    """
    digest = hashlib.sha256(json.dumps(class_names(path)).encode())
    window = intensity_window(path)
    if window != IntensityWindow().as_dict():
        digest.update(json.dumps(window).encode())
    for split in splits_of(path):
        for item in load_datalist(path, split, masks=True):
            described = [split, item["label"], item["image_id"], item["lesion_id"]]
            digest.update(json.dumps(described).encode())
            for key in ("image", "mask"):
                if key in item:
                    digest.update(content_sha256(Path(item[key])).digest())
    return digest.hexdigest()


def content_sha256(path: Path) -> Any:
    """Return the SHA-256 of a file, or of the files of a folder in the order of their names.

    Args:
        path: the file, or the folder of a DICOM series.
    """
    digest = hashlib.sha256()
    for file in sorted(path.iterdir()) if path.is_dir() else [path]:
        if file.is_file():
            digest.update(file.read_bytes())
    return digest
