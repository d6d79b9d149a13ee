"""The one rule by which volumes are read, for preparation, training, evaluation and inference."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from custom.data.decoded_image import UnreadableImageError
from custom.data.nifti import decode_nifti

if TYPE_CHECKING:
    from monai.data import MetaTensor


def read_volume(path: str | os.PathLike[str]) -> MetaTensor:
    """Read a NIfTI file, or the folder of a DICOM series.

    Values are what the file says with its scaling applied (for CT, Hounsfield units); what they mean is up to the data
    set's intensity window.

    Args:
        path: the file or folder.

    Returns:
        Shape (1, X, Y, Z), float32, with its ``affine`` from voxel indices to millimeters in RAS+ space.

    Raises:
        UnreadableImageError: it is no volume of three axes, is damaged, or cannot be opened.

    Example::

        >>> from nibabel.testing import data_path
        >>> volume = read_volume(Path(data_path) / "anatomical.nii")
        >>> volume.shape, [round(float(edge), 3) for edge in volume.pixdim]
        (torch.Size([1, 33, 41, 25]), [2.0, 2.0, 2.0])

    """
    import torch  # here: the preparation scripts need not wait for torch
    from monai.data import MetaTensor

    path = Path(path)
    if path.is_dir():
        from custom.data.dicom_series import read_series  # here: whoever has only NIfTI files needs no pydicom

        values, affine = read_series(path)
    else:
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise UnreadableImageError("there is no such file") from None
        except OSError as error:
            raise UnreadableImageError(f"it cannot be read ({error.strerror})") from error
        values, affine = decode_nifti(content)
    return MetaTensor(torch.from_numpy(values[None]), affine=torch.from_numpy(affine))
