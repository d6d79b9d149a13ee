"""David Clunie's checker of DICOM objects, where it is installed (dicom3tools)."""

import shutil
import subprocess
from pathlib import Path

PROGRAM = shutil.which("dciodvfy")


def errors(path: Path) -> list[str]:
    """What it finds wrong with a file; nothing where it is not installed."""
    if PROGRAM is None:
        return []
    found = subprocess.run([PROGRAM, str(path)], capture_output=True, text=True, check=False)
    return [line for line in (found.stdout + found.stderr).splitlines() if line.startswith("Error")]
