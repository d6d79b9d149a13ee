"""Reading every image once, before anything depends on it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from custom.data.affine import canonical_spacing
from custom.data.data_hash import content_sha256
from custom.data.decoded_image import UnreadableImageError
from custom.data.image_format import HEAD_BYTES, SERIES, VOLUME, identify
from custom.data.nifti import decode_nifti
from custom.data.read_image import decode_image
from custom.data.sources import SourceFile, Sources

_AHEAD = 64
"""Images that are in work at once: memory does not grow with their number."""
_HASH_SIZE = 16


@dataclass(frozen=True)
class ImageFacts:
    """What is known of an image that was read.

    Args:
        size: width and height in pixels; of a volume all its axes.
        bits: bits per sample, see :class:`custom.data.decoded_image.DecodedImage`.
        channels: 1 or 3.
        low: the smallest value.
        high: the largest value.
        format: see :func:`custom.data.image_format.identify`.
        sha256: hash of the file, in hexadecimal digits.
        hash: a perceptual hash of 16 x 16 bits, equal for an image that was stored again; of a volume that of its mean
            along the last axis.
        patient: DICOM's patient id, empty if there is none.
        orientation: EXIF's orientation, 1 to 8; 1 also if there is none.
        stored_bytes: size of the file.
        constant: whether all pixels are the same, also if they have a color.
        spacing: of a volume the distances of its voxels in mm, see :func:`custom.data.affine.canonical_spacing`.

    """

    size: tuple[int, ...]
    bits: int
    channels: int
    low: float
    high: float
    format: str
    sha256: str
    hash: int = 0
    patient: str = ""
    orientation: int = 1
    stored_bytes: int = 0
    constant: bool = False
    spacing: tuple[float, ...] = ()

    @property
    def is_volume(self) -> bool:
        """Whether it is a volume, not an image."""
        return self.format in (VOLUME, SERIES)


def check_images(
    sources: Sources, files: Sequence[SourceFile], title: str = "checking images"
) -> list[ImageFacts | UnreadableImageError]:
    """Read images in parallel by the rule of the training, with a progress bar on a terminal.

    Args:
        sources: what the files belong to.
        files: the images.
        title: stands before the bar.

    Returns:
        For each file what is known of it, or why it cannot be read.

    """

    def check(file: SourceFile) -> ImageFacts | UnreadableImageError:
        try:
            return examine_series(file.path) if file.series else examine(sources.read(file))
        except UnreadableImageError as error:
            return error
        except OSError as error:
            return UnreadableImageError(error.strerror or str(error))

    results: list[ImageFacts | UnreadableImageError] = []
    with ThreadPoolExecutor() as pool, tqdm(total=len(files), desc=title, unit="image", disable=None) as bar:
        for some in _batches(files, _AHEAD):
            results += pool.map(check, some)  # Pillow decodes outside Python's global lock
            bar.update(len(some))
    return results


def examine(content: bytes) -> ImageFacts:
    """Read an image or a NIfTI volume and describe it.

    Raises:
        UnreadableImageError: it is neither, or damaged.

    """
    sha256 = hashlib.sha256(content).hexdigest()
    if identify(content[:HEAD_BYTES]) == VOLUME:
        return _describe_volume(*decode_nifti(content), VOLUME, sha256)
    image = decode_image(content)
    pixels = image.pixels
    if not np.isfinite(pixels).all():
        raise UnreadableImageError("it has values that are not finite")
    return ImageFacts(
        size=(pixels.shape[1], pixels.shape[0]),
        bits=image.bits,
        channels=1 if pixels.ndim == 2 else 3,
        low=float(pixels.min()),
        high=float(pixels.max()),
        format=image.format,
        sha256=sha256,
        hash=perceptual_hash(image.pixels),
        patient=str(image.header.get("PatientID", "") or "").strip() if image.header is not None else "",
        orientation=image.orientation,
        stored_bytes=len(content),
        constant=bool((pixels == pixels[0, 0]).all()),
    )


def examine_series(folder: Path) -> ImageFacts:
    """Read a DICOM series and describe its volume.

    Raises:
        UnreadableImageError: it is no complete series, or a slice is damaged.

    """
    from custom.data.dicom_series import patient_of, read_series  # here: whoever has no DICOM files needs no pydicom

    values, affine = read_series(folder)
    facts = _describe_volume(values, affine, SERIES, content_sha256(folder).hexdigest())
    return replace(facts, patient=patient_of(folder))


def _describe_volume(values: NDArray[np.float32], affine: NDArray[np.float64], kind: str, sha256: str) -> ImageFacts:
    return ImageFacts(
        size=values.shape,
        bits=32,
        channels=1,
        low=float(values.min()),
        high=float(values.max()),
        format=kind,
        sha256=sha256,
        hash=perceptual_hash(values.mean(axis=2)),
        constant=bool(values.min() == values.max()),
        spacing=canonical_spacing(affine),
    )


def perceptual_hash(pixels: NDArray[Any]) -> int:
    """Hash what an image looks like: whether each of 16 x 16 places is brighter than the one to its left.

    The difference hash of Krawetz (2013); it survives another size, another compression and a change of contrast.

    Args:
        pixels: shape (H, W) or (H, W, 3).
    """
    gray = pixels if pixels.ndim == 2 else pixels[..., 1]
    rows, columns = (
        _edges(length, parts) for length, parts in zip(gray.shape, (_HASH_SIZE, _HASH_SIZE + 1), strict=True)
    )
    sums = np.add.reduceat(np.add.reduceat(gray, rows, axis=0, dtype=np.float64), columns, axis=1)
    counts = np.outer(np.diff([*rows, gray.shape[0]]), np.diff([*columns, gray.shape[1]]))
    means = sums / np.maximum(counts, 1)
    brighter = means[:, 1:] > means[:, :-1]
    return int.from_bytes(np.packbits(brighter).tobytes(), "big")


def _edges(length: int, parts: int) -> NDArray[np.intp]:
    """Where each part of an axis begins; parts share places if the axis is shorter than their number."""
    return np.minimum(np.arange(parts) * length // parts, length - 1)


def _batches(files: Sequence[SourceFile], size: int) -> Iterator[list[SourceFile]]:
    iterator = iter(files)
    while some := list(islice(iterator, size)):
        yield some
