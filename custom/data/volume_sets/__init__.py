"""Data sets of volumes to try things on: synthetic lesions, and blocks of a real MR image."""

from custom.data.volume_sets.lesions import make_lesions
from custom.data.volume_sets.mr_blocks import make_mr_blocks

__all__ = ["make_lesions", "make_mr_blocks"]
