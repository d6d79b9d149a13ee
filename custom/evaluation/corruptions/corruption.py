"""One kind of image corruption at five severities."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

Apply = Callable[[Tensor, Any, torch.Generator], Tensor]
"""Takes an image (C, H, W) in [0, 1], the parameter of a severity, and a source of random numbers."""

SEVERITIES = (1, 2, 3, 4, 5)


@dataclass(frozen=True)
class Corruption:
    """A kind of corruption, from barely visible to severe.

    Args:
        name: what it is called.
        apply: corrupts one image.
        parameters: what ``apply`` is given at each of the five severities.

    Raises:
        ValueError: if there are not five parameters.
    """

    name: str
    apply: Apply
    parameters: tuple[Any, ...]

    def __post_init__(self) -> None:
        if len(self.parameters) != len(SEVERITIES):
            raise ValueError(f"{self.name} needs {len(SEVERITIES)} parameters, not {len(self.parameters)}.")

    def __call__(self, image: Tensor, severity: int, seed: int = 0) -> Tensor:
        """Corrupt one image; the same image and seed give the same result, in whatever batch it is.

        Args:
            image: shape (C, H, W), C of 1 or 3, in [0, 1].
            severity: from 1 to 5.
            seed: of the random numbers.

        Returns:
            A new image in [0, 1].

        Raises:
            ValueError: if the severity is out of range, or the image has another shape.
        """
        if severity not in SEVERITIES:
            raise ValueError(f"A severity is one of {', '.join(map(str, SEVERITIES))}, not {severity}.")
        if image.ndim != 3 or image.shape[0] not in (1, 3):
            raise ValueError(f"Corruptions take images (C, H, W) of 1 or 3 channels, not {tuple(image.shape)}.")
        generator = torch.Generator().manual_seed(self._seed(image, severity, seed))
        plain = image.detach().as_subclass(torch.Tensor).cpu().float()
        return self.apply(plain, self.parameters[severity - 1], generator).clamp(0, 1).to(image)

    def _seed(self, image: Tensor, severity: int, seed: int) -> int:
        digest = hashlib.sha256(f"{self.name} {severity} {seed}".encode())
        digest.update(image.detach().cpu().contiguous().numpy().tobytes())
        return int.from_bytes(digest.digest()[:7], "big")
