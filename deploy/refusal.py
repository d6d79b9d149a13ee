"""Why an image is not classified."""

from __future__ import annotations


class RefusalError(ValueError):
    """One image cannot be handled; its message says why, in words that follow the image's name."""
