"""A folder with some of the installed packages alone, to run code as in an environment that lacks the others."""

import re
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement


def site_packages(folder: Path, requirements: list[str]) -> Path:
    """Link packages, and what they need, into a folder; those that are not installed here are left out.

    Args:
        folder: to be made.
        requirements: as a requirements file has them.
    """
    folder.mkdir()
    wanted, seen = list(requirements), set()
    while wanted:
        requirement = Requirement(wanted.pop())
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        # With its extras, as in `tritonclient[http]`, a package needs more than without.
        extras = requirement.extras | {""}
        if (name, frozenset(extras)) in seen:
            continue
        seen.add((name, frozenset(extras)))
        try:
            found = distribution(name)
        except PackageNotFoundError:
            continue
        for need in map(Requirement, found.requires or []):
            if need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in extras):
                need.marker = None
                wanted.append(str(need))
        for top in {file.parts[0] for file in found.files or [] if ".." not in file.parts}:
            source, link = Path(str(found.locate_file(top))), folder / top
            if top != "__pycache__" and not link.exists():
                link.symlink_to(source)
    return folder
