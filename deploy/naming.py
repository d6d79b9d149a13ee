"""Names of output files."""

from __future__ import annotations

import hashlib
import re

from deploy.case import Source


def output_name(source: Source) -> str:
    """Derive the outputs' file name, without extension, from what an image is called.

    Args:
        source: the image.

    Returns:
        The SOP Instance UID of a DICOM image. Of an image file its path with everything but letters, digits, dots and
        dashes replaced, and the start of the path's hash, so that no two files of a folder share a name.

    Example::

        >>> import numpy as np
        >>> output_name(Source("arm/left 1.jpg", np.zeros((1, 1, 3), np.uint8), ""))
        'arm_left_1.jpg-0e8a9a31'

    """
    if source.header is not None:
        return str(source.header.SOPInstanceUID)
    readable = re.sub(r"[^\w.-]", "_", source.name, flags=re.ASCII).lstrip(".")[-100:]
    return f"{readable}-{hashlib.sha256(source.name.encode()).hexdigest()[:8]}"
