"""How large the data sets are that are made to try things on, unless somebody wants another size."""

IMAGES_PER_CLASS = 500
"""Synthetic dermoscopic images of a class."""
VOLUMES_PER_CLASS = 160
"""Synthetic volumes of a class, and blocks of the MR image."""
