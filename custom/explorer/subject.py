"""The image on show, and which uploads are read."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pydicom
from PIL import Image
from pydicom.errors import InvalidDicomError
from torch import Tensor

from custom.data.decoded_image import UnreadableImageError
from custom.data.find_files import printable
from custom.data.image_format import HEAD_BYTES, PILLOW_FORMATS, identify
from custom.explorer.model import ExplorerModel

MAX_BYTES = 20 * 2**20
"""Largest file that is read."""

MAX_PIXELS = 25_000_000
"""Most pixels that are decoded: a small file can hold a huge image."""


@dataclass(frozen=True, eq=False)
class Subject:
    """An image, as each model sees it.

    Attributes:
        name: what the page calls it.
        images: by the name of the model, shape (1, 3, H, W) in [0, 1].
        class_name: its true class; ``None`` if not known.
    """

    name: str
    images: Mapping[str, Tensor]
    class_name: str | None = None

    @classmethod
    def read(
        cls, path: str | Path, models: Sequence[ExplorerModel], name: str | None = None, class_name: str | None = None
    ) -> Subject:
        """Read a file for all models.

        Args:
            path: the file.
            models: the models.
            name: what to call it; by default the file's name.
            class_name: its true class, if known.

        Raises:
            UnreadableImageError: in one sentence that names the file.
        """
        name = name or printable(Path(path).name)
        try:
            return cls(name, {model.name: model.read(path) for model in models}, class_name)
        except (UnreadableImageError, RuntimeError) as error:
            reasons = [cause for cause in _causes(error) if isinstance(cause, UnreadableImageError)]
            if not reasons:
                raise
            # A transform of MONAI wraps the loader's sentence, which wraps the decoder's.
            raise UnreadableImageError(f"{name} cannot be shown: {reasons[-1]}.") from None


def check_upload(path: str | Path) -> None:
    """Refuse a file that is too large, or claims an image that is, before it is decoded.

    Args:
        path: the file.

    Raises:
        UnreadableImageError: in one sentence that names the file.
    """
    path = Path(path)
    name, size = printable(path.name), path.stat().st_size
    if size > MAX_BYTES:
        raise UnreadableImageError(
            f"{name} cannot be shown: it has {-(-size // 2**20)} MiB, and at most {MAX_BYTES // 2**20} MiB are read."
        )
    width, height = _claimed_size(path.read_bytes())
    if width * height > MAX_PIXELS:
        raise UnreadableImageError(
            f"{name} cannot be shown: it has {width} x {height} pixels, and at most {MAX_PIXELS / 1e6:.0f} million "
            "are read."
        )


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__


def _claimed_size(content: bytes) -> tuple[int, int]:
    """Width and height that the header says; 0 x 0 for what is not an image, of which the decoder says why."""
    kind = identify(content[:HEAD_BYTES])
    try:
        if kind == "DICOM":
            header = pydicom.dcmread(io.BytesIO(content), stop_before_pixels=True, specific_tags=["Rows", "Columns"])
            return int(header.get("Columns") or 0), int(header.get("Rows") or 0)
        if kind is not None:
            # Without Pillow's own limit, which warns long before it refuses.
            with Image.open(io.BytesIO(content), formats=PILLOW_FORMATS) as image:
                return image.size
    except Image.DecompressionBombError:
        return MAX_PIXELS, 2
    except (OSError, SyntaxError, ValueError, KeyError, TypeError, AttributeError, InvalidDicomError):
        pass
    return 0, 0
