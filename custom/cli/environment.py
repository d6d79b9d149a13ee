"""The project's packages: whether this Python has them, and where MONAI's command line is, without importing it."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def packages_found() -> bool:
    """Whether this Python has the packages of the project, as far as that can be seen without importing them."""
    return all(importlib.util.find_spec(name) is not None for name in ("monai", "torch", "fire"))


def require_packages(*names: str, otherwise: str) -> None:
    """Make sure that packages which only a part of the project needs are there, without importing them.

    Args:
        names: of the packages.
        otherwise: what to do if they are missing, in a sentence.

    Raises:
        OSError: with that sentence, or, if the project's own packages are missing, with the one about those.
    """
    if not all(importlib.util.find_spec(name) is not None for name in names):
        raise OSError(otherwise if packages_found() else missing_environment())


def monai_program() -> str:
    """Return the file of MONAI's command line, without importing it.

    Raises:
        OSError: if it is not installed, in a sentence that says how to get the environment.
    """
    specification = importlib.util.find_spec("monai")
    if not packages_found() or specification is None or specification.origin is None:
        raise OSError(missing_environment())
    return str(Path(specification.origin).parent / "bundle" / "__main__.py")


def missing_environment() -> str:
    """Return the sentence for a Python that lacks the project's packages."""
    made = (ROOT / ".venv").is_dir()
    command = f"source {ROOT / '.venv' / 'bin' / 'activate'}" if made else f"bash {ROOT / 'scripts' / 'setup.sh'}"
    return f"{sys.executable} does not have the project's packages; run `{command}` first."
