"""Names of files."""

from __future__ import annotations

import re


def safe_file_name(name: str) -> str:
    """Make a file name of an image's name, which may be a path.

    Args:
        name: any name.

    Returns:
        The name with all characters except letters, digits, dots, dashes and underscores replaced by an underscore,
        and at most 100 characters.

    Example::

        >>> safe_file_name("patient 1/scan.nii")
        'patient_1_scan.nii'

    """
    return re.sub(r"[^\w.-]", "_", name).lstrip(".")[:100] or "_"
