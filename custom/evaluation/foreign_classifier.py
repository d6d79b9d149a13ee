"""Any classifier, made to look like ours: images in [0, 1] to logits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn


class ForeignClassifier(nn.Module):
    """Wrap a classifier that somebody else made.

    It is called as it is found: asking it for training or evaluation mode does nothing, as exported programs
    have one mode only.

    Args:
        classifier: maps images (B, C, *spatial) to outputs (B, classes), or to a tuple, list or dictionary
            whose first entry they are.
        mean: mean of each channel that the classifier wants subtracted, none for 0.
        std: standard deviation of each channel that it wants divided by, none for 1.
        probabilities: whether it returns probabilities; their logarithm takes the place of logits.
        one_by_one: whether it takes one image at a time.

    Raises:
        ValueError: if a standard deviation is not greater than 0.
    """

    classifier: Callable[[Tensor], Any]
    mean: Tensor
    std: Tensor

    def __init__(
        self,
        classifier: Callable[[Tensor], Any],
        mean: Sequence[float] | None = None,
        std: Sequence[float] | None = None,
        probabilities: bool = False,
        one_by_one: bool = False,
    ) -> None:
        super().__init__()
        if min(std or [1.0]) <= 0:
            raise ValueError(f"std is {list(std or [])}; every standard deviation must be greater than 0.")
        self.classifier = classifier
        self.register_buffer("mean", torch.tensor(mean or [0.0]), persistent=False)
        self.register_buffer("std", torch.tensor(std or [1.0]), persistent=False)
        self.probabilities = probabilities
        self.one_by_one = one_by_one

    def train(self, mode: bool = True) -> ForeignClassifier:
        """Only note the mode; the classifier keeps its own."""
        self.training = mode
        return self

    def forward(self, images: Tensor) -> Tensor:
        """Compute logits.

        Args:
            images: shape (B, C, *spatial), in [0, 1].

        Returns:
            Logits, shape (B, classes).
        """
        shape = [1, -1] + [1] * (images.ndim - 2)
        images = (images - self.mean.view(shape)) / self.std.view(shape)
        if self.one_by_one:
            return torch.cat([self._logits(image) for image in images.split(1)])
        return self._logits(images)

    def _logits(self, images: Tensor) -> Tensor:
        output = self.classifier(images)
        if isinstance(output, dict):
            output = next(iter(output.values()))
        elif isinstance(output, (tuple, list)):
            output = output[0]
        # The logarithm of the smallest normal number; log 0 would give gradients that are not finite.
        return output.clamp_min(torch.finfo(output.dtype).tiny).log() if self.probabilities else output
