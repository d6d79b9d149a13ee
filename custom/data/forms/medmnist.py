"""MedMNIST's arrays: ``<name>mnist[3d][_<size>].npz`` with the three splits inside.

Yang et al.: MedMNIST v2. A large-scale lightweight benchmark for 2D and 3D biomedical image classification. Scientific
Data 10, 41 (2023).
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from custom.counts import counted
from custom.data.forms.recognized import FormOptions, Recognized
from custom.data.intensity import IntensityWindow
from custom.data.sample import Sample
from custom.data.sources import SourceFile

_SPLITS = {"train": "training", "val": "validation", "test": "test"}


def is_medmnist(path: Path) -> bool:
    """Tell whether a file holds arrays that are named as MedMNIST's."""
    if path.suffix.lower() != ".npz" or not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
    return {"train_images.npy", "train_labels.npy"} <= names


def read_medmnist(path: Path, options: FormOptions) -> Recognized:
    """Write the images of an array as files, one by one, so that memory does not grow with their number.

    Args:
        path: the ``.npz`` file.
        options: ``folder`` gets ``images``: PNG files, or NIfTI files for volumes; ``class_names`` name the labels.

    Returns:
        The samples with MedMNIST's own splits, each image in a group of its own.

    Raises:
        ValueError: the arrays do not fit together, have several labels an image, or are damaged.

    """
    samples: list[Sample] = []
    numbers: set[int] = set()
    target = options.folder / "images"
    target.mkdir(exist_ok=True)
    try:
        with zipfile.ZipFile(path) as archive:
            for written, split in _SPLITS.items():
                labels = _labels(archive, written, path)
                images = _items(archive, f"{written}_images.npy")
                for index, (image, label) in enumerate(zip(images, labels, strict=True)):
                    numbers.add(label)
                    file = _write(image, target / f"{written}_{index:06d}")
                    name = f"{written}_{index:06d}"
                    samples.append(Sample(name, name, label, SourceFile(file.resolve()), split=split))
    except (zipfile.BadZipFile, EOFError, KeyError, OSError) as error:
        raise ValueError(f"{path} is not a complete MedMNIST file ({error}).") from error
    classes = list(options.class_names or [str(number) for number in range(max(numbers) + 1)])
    if max(numbers) >= len(classes):
        names = counted(len(classes), "class")
        raise ValueError(f"{path} has the label {max(numbers)}, but --class-names names {names}, from 0 on.")
    result = Recognized(f"MedMNIST ({path.name})", classes, samples)
    result.notes.append("The splits are those of the file.")
    if samples and samples[0].image.name.endswith(".nii.gz"):
        result.window = IntensityWindow(32, 0.0, 255.0)
    if not options.class_names:
        result.notes.append("The classes are numbered: --class-names names them.")
    return result


def _labels(archive: zipfile.ZipFile, split: str, path: Path) -> list[int]:
    labels = np.stack(list(_items(archive, f"{split}_labels.npy")))
    if labels.ndim == 2 and labels.shape[1] > 1:
        raise ValueError(f"{path} has {labels.shape[1]} labels per image, but one is needed.")
    if not np.issubdtype(labels.dtype, np.integer) or labels.min() < 0:
        raise ValueError(f"{path} has labels that are not numbers from 0 on.")
    return [int(label) for label in labels.reshape(-1)]


def _items(archive: zipfile.ZipFile, name: str) -> Iterator[NDArray[Any]]:
    """The items of an array's first axis, read one after another."""
    with archive.open(name) as file:
        version = np.lib.format.read_magic(file)
        read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, column_major, dtype = read_header(file)
        if column_major or dtype.hasobject:
            raise ValueError(f"{name} is stored by columns or holds objects, which cannot be read.")
        size = int(np.prod(shape[1:], dtype=np.int64)) * dtype.itemsize
        for _ in range(shape[0]):
            content = file.read(size)
            if len(content) != size:
                raise EOFError(f"{name} ends early")
            yield np.frombuffer(content, dtype).reshape(shape[1:])


def _write(image: NDArray[Any], path: Path) -> Path:
    if image.dtype != np.uint8:
        raise ValueError(f"The images are of {image.dtype}, but 8-bit ones are needed.")
    if image.ndim == 3 and image.shape[-1] not in (3, 4):
        import nibabel  # here: whoever has no volumes need not wait for it

        file = path.with_suffix(".nii.gz")
        nibabel.save(nibabel.Nifti1Image(image, np.eye(4)), file)
        return file
    file = path.with_suffix(".png")
    Image.fromarray(image).save(file)
    return file
