"""DICOM photographs for the tests."""

import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID, ExplicitVRLittleEndian, VLPhotographicImageStorage, generate_uid


def colors(height: int = 12, width: int = 16) -> np.ndarray:
    """Smooth colors that differ in every pixel and channel, shape (H, W, 3), uint8."""
    rows, columns = np.mgrid[:height, :width]
    red, green = 255 * rows / (height - 1), 255 * columns / (width - 1)
    return np.stack([red, green, 255 - (red + green) / 2], axis=-1).astype(np.uint8)


def encoded(pixels: np.ndarray, **options: Any) -> bytes:
    """Pixels as a JPEG file, or as what ``format`` names."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, **{"format": "JPEG", "quality": 90, **options})
    return file.getvalue()


def photograph(
    pixels: np.ndarray,
    frame: bytes | None = None,
    syntax: UID = ExplicitVRLittleEndian,
    photometric: str = "RGB",
    **attributes: Any,
) -> Dataset:
    """A VL photograph of ``pixels``, stored as such or as the compressed ``frame``; ``None`` removes an attribute."""
    dataset = Dataset()
    dataset.SOPClassUID = VLPhotographicImageStorage
    dataset.SOPInstanceUID, dataset.SeriesInstanceUID, dataset.StudyInstanceUID = (
        generate_uid(prefix=None) for _ in range(3)
    )
    dataset.PatientName, dataset.PatientID, dataset.PatientSex = "Doe^Jane", "4711", "F"
    dataset.PatientBirthDate, dataset.StudyDate, dataset.StudyTime = "19700101", "20200202", "101112"
    dataset.AccessionNumber, dataset.ReferringPhysicianName, dataset.StudyID = "A1", "House^Gregory", "S1"
    dataset.Modality, dataset.Manufacturer, dataset.SeriesNumber, dataset.InstanceNumber = "XC", "Camera", 3, 1
    dataset.Rows, dataset.Columns, dataset.SamplesPerPixel = pixels.shape
    dataset.PhotometricInterpretation, dataset.PlanarConfiguration = photometric, 0
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 8, 8, 7, 0
    content = pixels.tobytes() if frame is None else encapsulate([frame])
    dataset.PixelData = content + b"\0" * (len(content) % 2)
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = frame is not None
    for keyword, value in attributes.items():
        if value is None:
            del dataset[keyword]
        else:
            setattr(dataset, keyword, value)
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    return dataset


def content(dataset: Dataset) -> bytes:
    """The file of a data set."""
    dataset.file_meta.MediaStorageSOPClassUID = dataset.get("SOPClassUID", VLPhotographicImageStorage)
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.get("SOPInstanceUID") or "1.2.3"
    file = io.BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    return file.getvalue()


def write(dataset: Dataset, path: Path) -> Path:
    """Write a data set, and return where."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content(dataset))
    return path
