"""Small functions that pick what a metric needs out of an engine's output."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from monai.utils import CommonKeys
from torch import Tensor


def logits_and_labels(
    part: Literal["clean", "adversarial"],
) -> Callable[[dict[str, Any]], tuple[Tensor, Tensor]]:
    """Make the ``output_transform`` of a metric on the clean or on the adversarial images.

    Args:
        part: which of the logits that :class:`custom.inferers.AdversarialInferer` gives.

    Returns:
        A function from an engine's output to logits, shape (B, C), and labels, shape (B,).

    Raises:
        ValueError: if there is no such part.

    Example::

        >>> from ignite.metrics import Accuracy
        >>> from custom.handlers.utils import logits_and_labels
        >>> robust_accuracy = Accuracy(output_transform=logits_and_labels("adversarial"))

    """
    if part not in ("clean", "adversarial"):
        raise ValueError(f"part must be 'clean' or 'adversarial', not {part!r}.")

    def transform(output: dict[str, Any]) -> tuple[Tensor, Tensor]:
        return getattr(output[CommonKeys.PRED], part), output[CommonKeys.LABEL]

    return transform
