"""Any classifier behind one interface: images in [0, 1] to logits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn


class ClassifierAdapter(nn.Module):
    """Make a classifier of somebody else's take images in [0, 1] and return logits.

    It is called as it is: asking it for training or evaluation mode does nothing, as exported programs have one mode
    only. A classifier with a single output is one of two classes: its logit z becomes the logits (0, z), its
    probability p of the second class the logits (log(1 - p), log p).

    Args:
        classifier: maps images (B, C, *spatial) to outputs (B, classes), (B, 1) or (B,), or to a tuple, list or
            dictionary whose first entry they are.
        mean: mean of each channel that the classifier wants subtracted; ``None`` for 0.
        std: standard deviation of each channel that it wants divided by; ``None`` for 1.
        probabilities: whether it returns probabilities; their logarithms are logits. Where probabilities are rounded
            to 0 or 1 no gradient is left, so that attacks on them are weaker than on the network's own logits.
        one_by_one: whether it takes one image at a time.

    Raises:
        ValueError: if a standard deviation is not greater than 0.

    Example::

        >>> import torch
        >>> from custom.networks import ClassifierAdapter
        >>> binary = ClassifierAdapter(lambda images: images.mean(dim=(1, 2, 3)))
        >>> binary(torch.full((1, 3, 4, 4), 0.5))
        tensor([[0.0000, 0.5000]])

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

    def train(self, mode: bool = True) -> ClassifierAdapter:
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
        outputs = self.outputs(images)
        if not self.probabilities:
            return torch.cat([torch.zeros_like(outputs), outputs], 1) if outputs.shape[1] == 1 else outputs
        if outputs.shape[1] == 1:
            outputs = torch.cat([1 - outputs, outputs], 1)
        # The logarithm of the smallest normal number; log 0 would give gradients that are not finite.
        return outputs.clamp_min(torch.finfo(outputs.dtype).tiny).log()

    def outputs(self, images: Tensor) -> Tensor:
        """Compute what the classifier returns by itself.

        Args:
            images: shape (B, C, *spatial), in [0, 1].

        Returns:
            Its outputs, shape (B, classes), or (B, 1) if it has a single one.
        """
        shape = [1, -1] + [1] * (images.ndim - 2)
        images = (images - self.mean.view(shape)) / self.std.view(shape)
        if self.one_by_one:
            return torch.cat([self._first(self.classifier(image)) for image in images.split(1)])
        return self._first(self.classifier(images))

    @staticmethod
    def _first(output: Any) -> Tensor:
        if isinstance(output, dict):
            output = next(iter(output.values()))
        elif isinstance(output, (tuple, list)):
            output = output[0]
        return output[:, None] if output.ndim == 1 else output
