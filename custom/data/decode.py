"""Whether images can really be decoded."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from PIL import Image
from tqdm import tqdm

from custom.data.sources import SourceFile, Sources


def decode_size(content: bytes) -> tuple[int, int]:
    """Decode an image completely and return its width and height in pixels.

    Raises:
        OSError: it is no image, truncated or damaged.

    """
    try:
        with Image.open(io.BytesIO(content)) as image:
            size = image.size
            image.draft(None, (1, 1))  # JPEG: every byte is still read, but most of the arithmetic is spared
            image.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise OSError(str(error).split(" <")[0]) from None
    return size


def check_images(
    sources: Sources, files: Sequence[SourceFile], title: str = "checking images"
) -> list[tuple[int, int] | OSError]:
    """Decode files in parallel, with a progress bar on a terminal.

    Args:
        sources: what the files belong to.
        files: the images.
        title: stands before the bar.

    Returns:
        For each file the (width, height) in pixels, or the error that its decoding ended with.

    """

    def check(file: SourceFile) -> tuple[int, int] | OSError:
        try:
            return decode_size(sources.read(file))
        except zipfile.BadZipFile as error:
            return OSError(str(error))
        except OSError as error:
            return error

    with ThreadPoolExecutor() as pool:  # Pillow decodes outside Python's global lock
        return list(tqdm(pool.map(check, files), title, len(files), unit="image", disable=None))
