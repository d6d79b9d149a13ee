"""What a file is, told from its content."""

from __future__ import annotations

import zlib
from pathlib import PurePosixPath

HEAD_BYTES = 2048
"""How much of a file :func:`identify` needs."""

PILLOW_FORMATS = ("BMP", "GIF", "JPEG", "JPEG2000", "PNG", "TIFF", "WEBP")
"""Pillow's names of the formats that are read."""

READABLE = "JPEG, PNG, TIFF, BMP, WebP, GIF, JPEG 2000 or DICOM"

_SIGNATURES = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG2000"),
    (b"\xff\x4f\xff\x51", "JPEG2000"),
)
_NIFTI_MAGIC = {348: (slice(344, 348), (b"n+1\0", b"ni1\0")), 540: (slice(4, 8), (b"n+2\0", b"ni2\0"))}

_EARLY_REPRESENTATIONS = (b"CS", b"DA", b"LO", b"OB", b"UI", b"UL")
"""Value representations of DICOM's elements that can come first."""

IMAGE_SUFFIXES = (
    *(".bmp", ".dcm", ".dicom", ".gif", ".ima", ".jfif", ".jp2", ".jpe", ".jpeg", ".jpg"),
    *(".nii", ".nii.gz", ".png", ".tif", ".tiff", ".webp"),
)
"""Files of these names are meant to be images, even if they hold something else."""

_COMPRESSED = ".nii.gz"

IMAGES = ("BMP", "DICOM", "GIF", "JPEG", "JPEG2000", "PNG", "TIFF", "WEBP")
VOLUME = "NIFTI"
SERIES = "DICOM series"
"""The format of a folder with the slices of a volume."""


def identify(head: bytes) -> str | None:
    """Tell a file's format from its first bytes; its name does not count.

    Args:
        head: the first :data:`HEAD_BYTES` bytes or more.

    Returns:
        One of :data:`IMAGES`, ``"NIFTI"`` (also compressed by gzip), or ``None`` for anything else.

    Example::

        >>> identify(b"GIF89a")
        'GIF'

    """
    for signature, name in _SIGNATURES:
        if head.startswith(signature):
            return name
    if head[128:132] == b"DICM" or _is_bare_dicom(head):
        return "DICOM"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    # Two letters alone would take many a text for a bitmap; its header's size follows at byte 14.
    if head[:2] == b"BM" and head[14:18] in (b"\x0c\0\0\0", b"\x28\0\0\0", b"\x6c\0\0\0", b"\x7c\0\0\0"):
        return "BMP"
    if head[:2] == b"\x1f\x8b":
        head = _unzipped(head)
    return VOLUME if _is_nifti(head) else None


def split_suffix(name: str) -> tuple[str, str]:
    """Split a file's name into stem and suffix; ``.nii.gz`` is one suffix.

    Args:
        name: the name without folders.

    Example::

        >>> split_suffix("scan.1.nii.gz"), split_suffix("P1.left.png")
        (('scan.1', '.nii.gz'), ('P1.left', '.png'))

    """
    path = PurePosixPath(name)
    length = len(_COMPRESSED) if name.lower().endswith(_COMPRESSED) and len(name) > len(_COMPRESSED) else 0
    return (name[:-length], name[-length:]) if length else (path.stem, path.suffix)


def without_suffix(path: PurePosixPath) -> PurePosixPath:
    """A path without the suffix of its name, see :func:`split_suffix`."""
    return path.with_name(split_suffix(path.name)[0])


def _is_bare_dicom(head: bytes) -> bool:
    """Whether it is a DICOM data set without preamble and prefix, as old archives hold them.

    It begins with an element of group 2 or 8. Its value representation are two capitals that DICOM has; an implicit one
    shows in a length after which another element of the group begins.
    """
    group = head[:2]
    if group not in (b"\x02\0", b"\x08\0"):
        return False
    if head[4:6] in _EARLY_REPRESENTATIONS:
        return True
    length = int.from_bytes(head[4:8], "little")
    return length % 2 == 0 and length <= 256 and head[8 + length : 10 + length] == group


def _is_nifti(head: bytes) -> bool:
    for order in ("little", "big"):
        place, magic = _NIFTI_MAGIC.get(int.from_bytes(head[:4], order), (slice(0), ()))
        if magic and head[place] in magic:
            return True
    return False


def _unzipped(head: bytes) -> bytes:
    try:
        return zlib.decompressobj(wbits=zlib.MAX_WBITS | 16).decompress(head, HEAD_BYTES)
    except zlib.error:
        return b""
