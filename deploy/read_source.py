"""Reading any file as an image, or saying why not."""

from __future__ import annotations

import hashlib
from pathlib import Path

from deploy.case import Source
from deploy.read_picture import read_picture
from deploy.refusal import RefusalError

_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


def read_source(path: Path, name: str) -> Source:
    """Read a DICOM, JPEG or PNG file; what it is shows in its first bytes, not in its name.

    Args:
        path: the file.
        name: what to call it in messages.

    Returns:
        The image.

    Raises:
        RefusalError: it is no RGB image of 8 bits, or is damaged.

    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RefusalError(f"it cannot be read ({error.strerror})") from error
    if not content:
        raise RefusalError("it is empty")
    sha256 = hashlib.sha256(content).hexdigest()
    if content[128:132] == b"DICM":
        # Pictures alone can do without pydicom.
        from deploy.read_dicom import read_dicom

        header, pixels, lossy = read_dicom(content)
        return Source(name, pixels, sha256, header, lossy)
    if content.startswith(_PICTURES):
        pixels, lossy = read_picture(content)
        return Source(name, pixels, sha256, lossy=lossy)
    raise RefusalError("it is neither DICOM nor JPEG nor PNG")
