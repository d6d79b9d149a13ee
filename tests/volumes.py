"""Small volumes as files: NIfTI, and the slices of a DICOM series."""

from collections.abc import Sequence
from pathlib import Path

import nibabel
import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid


def write_nifti(path: Path, values: ArrayLike, affine: ArrayLike | None = None) -> Path:
    """Write a volume; its folder is made if it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    nibabel.save(nibabel.Nifti1Image(np.asarray(values), np.eye(4) if affine is None else np.asarray(affine)), path)
    return path


def write_series(
    folder: Path,
    values: NDArray[np.int16],
    *,
    spacing: Sequence[float] = (1.0, 1.0, 1.0),
    origin: Sequence[float] = (0.0, 0.0, 0.0),
    patient: str = "P1",
    left_out: Sequence[int] = (),
    series: str | None = None,
) -> Path:
    """Write axial CT slices of ``values[x, y, z]``, in DICOM's axes: x to the left, y to the back, z up."""
    folder.mkdir(parents=True, exist_ok=True)
    series = series or str(generate_uid())
    for z in range(values.shape[2]):
        if z in left_out:
            continue
        meta = FileMetaDataset()
        meta.TransferSyntaxUID, meta.MediaStorageSOPClassUID = ExplicitVRLittleEndian, CTImageStorage
        meta.MediaStorageSOPInstanceUID = generate_uid()
        dataset = FileDataset(str(folder), {}, file_meta=meta, preamble=b"\0" * 128)
        dataset.SOPClassUID, dataset.SOPInstanceUID = CTImageStorage, meta.MediaStorageSOPInstanceUID
        dataset.Modality, dataset.PatientID, dataset.SeriesInstanceUID = "CT", patient, series
        dataset.InstanceNumber = z + 1
        dataset.ImagePositionPatient = [origin[0], origin[1], origin[2] + z * spacing[2]]
        dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        dataset.PixelSpacing = [spacing[1], spacing[0]]  # between rows, then between columns
        dataset.Rows, dataset.Columns = values.shape[1], values.shape[0]
        dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
        dataset.BitsAllocated = dataset.BitsStored = 16
        dataset.HighBit, dataset.PixelRepresentation = 15, 0
        dataset.RescaleSlope, dataset.RescaleIntercept = 1, -1024
        dataset.PixelData = (values[:, :, z].T + 1024).astype("<u2").tobytes()
        dataset.save_as(folder / f"slice_{99 - z}.dcm", enforce_file_format=True)
    return folder
