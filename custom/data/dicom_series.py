"""DICOM series: the slices of one volume, which lie in a folder."""

from __future__ import annotations

import io
import warnings
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.errors import InvalidDicomError

from custom.data.affine import check_volume
from custom.data.decoded_image import UnreadableImageError
from custom.data.find_files import is_hidden
from custom.data.sources import SourceFile, Sources

_TAGS = (
    *("SeriesInstanceUID", "InstanceNumber", "ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing"),
    *("Rows", "Columns", "PhotometricInterpretation", "NumberOfFrames", "PatientID"),
)
_TRIED = 20
"""Files of a folder that are looked at to tell whether series lie in it."""
_GAP_TOLERANCE = 0.05
"""How far the distance of two slices may be from that of the others, as a share of it."""
_DAMAGED = (InvalidDicomError, AttributeError, EOFError, OSError, ValueError, KeyError, TypeError, NotImplementedError)


def join_series(sources: Sources) -> int:
    """Let the folder of each DICOM series stand for the slices in it.

    Args:
        sources: the files; slices of a series are replaced by their folder.

    Returns:
        The number of series.

    Raises:
        ValueError: a series is in an archive, from which it cannot be read.

    """
    folders: dict[tuple[Path, PurePosixPath], list[SourceFile]] = defaultdict(list)
    for file in sources.files:
        folders[file.path if file.member else file.path.parent, file.relative.parent].append(file)
    joined: dict[SourceFile, SourceFile] = {}
    number = 0
    for (path, relative), files in folders.items():
        slices = [file for file in files if sources.is_dicom(file)] if len(files) > 1 else []
        if not _has_series(sources, slices):
            continue
        if slices[0].member is not None:
            raise ValueError(f"{slices[0]} is a slice of a DICOM series in an archive; unpack it and pass its folder.")
        series = SourceFile(path, None, relative if relative.parts else PurePosixPath(path.name), series=True)
        joined |= dict.fromkeys(slices, series)
        number += 1
    sources.files = list(dict.fromkeys(joined.get(file, file) for file in sources.files))
    return number


def is_series(folder: Path) -> bool:
    """Tell whether the slices of a DICOM series lie in a folder itself.

    Args:
        folder: the folder.
    """
    with Sources([]) as sources:
        files = [SourceFile(path) for path in series_files(folder)]
        return _has_series(sources, files)


def series_files(folder: Path) -> list[Path]:
    """The DICOM files that lie in a folder itself, sorted by name.

    Args:
        folder: the folder.
    """
    with Sources([]) as sources:
        paths = sorted(path for path in folder.iterdir() if path.is_file() and not is_hidden(path.name))
        return [path for path in paths if sources.is_dicom(SourceFile(path))]


def read_series(folder: Path) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Read the volume of a series by MONAI's reader, once its slices are known to be complete.

    Args:
        folder: holds the slices of one series.

    Returns:
        Values (X, Y, Z) after the modality transform, and the affine (4, 4) in RAS+ space.

    Raises:
        UnreadableImageError: see :func:`check_slices`; or a slice is damaged.

    """
    files = series_files(folder)
    headers = []
    for file in files:
        try:
            headers.append(pydicom.dcmread(file, stop_before_pixels=True, specific_tags=list(_TAGS)))
        except _DAMAGED as error:
            raise UnreadableImageError(f"the header of its slice {file.name} is damaged") from error
    check_slices(headers, [file.name for file in files])
    from monai.data import PydicomReader  # here: the preparation scripts need not wait for torch

    reader = PydicomReader()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what they are about is checked above
            values, meta = reader.get_data(reader.read(folder))
    except Exception as error:  # Decoders raise whatever they like.
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise UnreadableImageError(f"a slice of it is damaged ({reason[:100]})") from error
    return check_volume(np.asarray(values, np.float32), np.asarray(meta["affine"], np.float64))


def check_slices(headers: Sequence[Any], names: Sequence[str]) -> None:
    """Make sure that slices make up a volume.

    Args:
        headers: of the slices.
        names: of their files.

    Raises:
        UnreadableImageError: they are of several series or sizes, without a place in space, not in the order of their
            instance numbers, or one is missing.

    """
    series = {str(header.get("SeriesInstanceUID", "")) for header in headers}
    if len(series) > 1:
        raise UnreadableImageError(f"it holds slices of {len(series)} series, and each needs a folder of its own")
    for header, name in zip(headers, names, strict=True):
        place = [header.get(key) for key in ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing")]
        if any(value is None for value in place) or header.get("InstanceNumber") is None:
            raise UnreadableImageError(f"its slice {name} has no position, orientation, spacing or instance number")
        if header.get("PhotometricInterpretation") != "MONOCHROME2" or int(header.get("NumberOfFrames") or 1) != 1:
            raise UnreadableImageError(f"its slice {name} is not a single monochrome image (MONOCHROME2)")
    for keys, what in ((("Rows", "Columns"), "size"), (("ImageOrientationPatient", "PixelSpacing"), "orientation")):
        first = np.hstack([np.ravel(headers[0].get(key)) for key in keys]).astype(float)
        for header, name in zip(headers, names, strict=True):
            if not np.allclose(np.hstack([np.ravel(header.get(key)) for key in keys]).astype(float), first, atol=1e-3):
                raise UnreadableImageError(f"its slice {name} has another {what} than {names[0]}")
    order = np.argsort([int(header.InstanceNumber) for header in headers], kind="stable")
    row, column = np.asarray(headers[0].ImageOrientationPatient, float).reshape(2, 3)
    places = np.array([np.asarray(headers[index].ImagePositionPatient, float) for index in order])
    gaps = np.diff(places @ np.cross(row, column))
    usual = float(np.median(gaps)) if len(gaps) else 1.0
    wrong = np.flatnonzero(np.abs(gaps - usual) > _GAP_TOLERANCE * abs(usual)) if usual else np.arange(len(gaps))
    if len(wrong):
        before, after = (names[order[wrong[0] + step]] for step in (0, 1))
        raise UnreadableImageError(
            f"its slices {before} and {after} are {abs(gaps[wrong[0]]):.3g} mm "
            f"apart instead of the usual {abs(usual):.3g} mm; one is missing, there twice or out of order"
        )


def patient_of(folder: Path) -> str:
    """The patient id of a series; empty if there is none.

    Args:
        folder: holds the slices.
    """
    header = pydicom.dcmread(series_files(folder)[0], stop_before_pixels=True, specific_tags=["PatientID"])
    return str(header.get("PatientID", "") or "").strip()


def _has_series(sources: Sources, slices: Sequence[SourceFile]) -> bool:
    """Whether two of the first files are of one series and at two places."""
    places: dict[str, tuple[float, ...]] = {}
    for file in slices[:_TRIED]:
        try:
            opened: Any = io.BytesIO(sources.read(file)) if file.member else file.path
            header = pydicom.dcmread(opened, stop_before_pixels=True, specific_tags=list(_TAGS))
            place = tuple(map(float, header.ImagePositionPatient))
        except _DAMAGED:
            continue
        series = str(header.get("SeriesInstanceUID", ""))
        if series and places.setdefault(series, place) != place:
            return True
    return False
