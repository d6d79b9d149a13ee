"""What all training losses share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

from torch import Tensor
from torch.nn.modules.loss import _Loss

from custom.inferers import AdversarialLogits


class TrainingLoss(_Loss, ABC):
    """A loss of a mini-batch as a weighted sum of named parts.

    A subclass implements :meth:`parts`, a pure function, and sets ``weights``; the parts are what the learning curves
    show. A batch without adversarial images counts as one with ``x_adv = x``.

    Attributes:
        weights: weight of each part by name; a part without one counts once.
        needs_clean: whether the loss compares with the clean images' logits if there are adversarial ones.
    """

    weights: Mapping[str, float] = {}
    needs_clean: bool = True

    @abstractmethod
    def parts(self, logits: AdversarialLogits, labels: Tensor) -> dict[str, Tensor]:
        """The parts of the loss, not yet weighted, by name.

        Args:
            logits: logits on the clean and the adversarial images, each of shape (B, C).
            labels: class indices, shape (B,).

        Returns:
            Scalars.

        Raises:
            ValueError: if logits are missing.
        """

    def forward(self, logits: AdversarialLogits, labels: Tensor) -> Tensor:
        """Compute the loss of one mini-batch.

        Args:
            logits: as for :meth:`parts`.
            labels: class indices, shape (B,).

        Returns:
            The loss, a scalar.
        """
        terms = [self.weights.get(name, 1.0) * part for name, part in self.parts(logits, labels).items()]
        return sum(terms[1:], start=terms[0])


def clean_and_adversarial(logits: AdversarialLogits) -> tuple[Tensor, Tensor]:
    """Both logits, (B, C) each; the clean ones twice if there was no attack.

    Raises:
        ValueError: if the clean images' logits are missing.
    """
    if logits.clean is None:
        raise ValueError("The loss needs the logits of the clean images, got none.")
    return logits.clean, logits.clean if logits.adversarial is None else logits.adversarial


def checked_weight(name: str, value: float) -> float:
    """A weight of a loss.

    Raises:
        ValueError: if it is not a finite number of at least 0.
    """
    if not isinstance(value, int | float) or not 0 <= value < float("inf"):
        raise ValueError(f"{name} must be a number of at least 0, got {value}.")
    return value


def checked_share(name: str, value: float) -> float:
    """A share of something.

    Raises:
        ValueError: if it is not in [0, 1].
    """
    if not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError(f"{name} must be in [0, 1], got {value}.")
    return value


def checked_label_smoothing(value: float) -> float:
    """The share of each label that is spread over all classes.

    Raises:
        ValueError: if it is not in [0, 1).
    """
    if not isinstance(value, int | float) or not 0 <= value < 1:
        raise ValueError(f"label_smoothing must be in [0, 1), got {value}.")
    return value
