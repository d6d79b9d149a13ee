"""The versions of everything that a result depends on."""

from __future__ import annotations

import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def present_commit() -> str:
    """The abbreviated commit of this code, or ``"unknown"`` if it is not in a Git repository of its own.

    Example::

        >>> from custom.versions import present_commit
        >>> isinstance(present_commit(), str)
        True

    """
    try:
        answer = subprocess.run(
            ["git", "rev-parse", "--show-toplevel", "--short", "HEAD"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return "unknown"
    top, _, commit = answer.stdout.strip().partition("\n")
    # An exported bundle may lie inside somebody else's repository.
    return commit if commit and Path(top).resolve() == ROOT else "unknown"


def current_versions() -> dict[str, str]:
    """Versions of Python, of the packages that decide a network's outputs, and of this code.

    Example::

        >>> from custom.versions import current_versions
        >>> sorted(current_versions())
        ['monai', 'numpy', 'project', 'python', 'torch', 'torchvision']

    """
    versions = {"python": platform.python_version()}
    for package in ("torch", "torchvision", "monai", "numpy"):
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = "unknown"
    return versions | {"project": present_commit()}
