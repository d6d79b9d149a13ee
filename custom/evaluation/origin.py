"""What the figures of an evaluation are of, and what it takes to repeat them."""

from __future__ import annotations

import platform
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import numpy as np
import torch

from custom.metrics import Predictions
from custom.versions import present_commit

PACKAGES = ("torch", "torchvision", "monai", "pytorch-ignite", "numpy", "scikit-learn", "pyautoattack")


def data_of(clean: Predictions, class_names: Sequence[str], name: str) -> dict[str, Any]:
    """The images that were evaluated: their number, groups, classes, shape and hash.

    Args:
        clean: the predictions on them.
        class_names: the classes' names.
        name: what to call the data.
    """
    per_class = np.bincount(clean.labels, minlength=len(class_names))
    return {
        "name": name,
        "images": len(clean.labels),
        "lesions": len(np.unique(clean.lesion_ids)),
        "images_per_class": dict(zip(class_names, per_class.tolist(), strict=True)),
        "image_shape": list(clean.image_shape),
        "sha256": clean.data_hash,
    }


def this_program(device: torch.device | str, seed: int) -> dict[str, Any]:
    """The command line, the code and the machine of this process.

    Args:
        device: where it computes.
        seed: of its random numbers.
    """
    return {
        "command": sys.argv,
        "commit": present_commit(),
        "device": str(device),
        "python": platform.python_version(),
        "threads": torch.get_num_threads(),
        "seed": seed,
    }


def package_versions() -> dict[str, str]:
    """The versions of the packages that figures depend on."""
    return {package: version(package) for package in PACKAGES}
