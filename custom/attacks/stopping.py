"""When a sample's attack stops before its last step."""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

from torch import Tensor
from torch.nn import functional as F


class StopCriterion(ABC):
    """Chooses the iterate at which an attack leaves a sample.

    A sample stops at the first iterate at which the criterion has been met more than ``delay`` times; the clean
    image (or the start of the attack) is the first iterate. If that never happens, the last iterate is taken.

    Attributes:
        delay: how often the criterion may be met before the sample stops.
    """

    delay: int = 0

    @abstractmethod
    def met(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Whether each sample meets the criterion at the present iterate.

        Args:
            logits: (B, classes).
            labels: class indices (B,).

        Returns:
            Booleans (B,).
        """


@dataclass(frozen=True)
class LossReached(StopCriterion):
    """Stop at the first iterate whose cross-entropy is at least ``threshold``: AMAT's search with its xi.

    Args:
        threshold: cross-entropy in nats, finite.

    Raises:
        ValueError: ``threshold`` is not finite.
    """

    threshold: float

    def __post_init__(self) -> None:
        if not math.isfinite(self.threshold):
            raise ValueError(f"The threshold of the loss must be a finite number, not {self.threshold}.")

    def met(self, logits: Tensor, labels: Tensor) -> Tensor:
        """See the base class."""
        return F.cross_entropy(logits, labels, reduction="none") >= self.threshold


@dataclass(frozen=True)
class Misclassified(StopCriterion):
    """Stop at the misclassified iterate that follows ``tau`` others: PGD-K-tau of FAT (Zhang et al., 2020).

    With ``tau`` 0 that is the first misclassified iterate; with 1, the one a step further if that is misclassified,
    too, which is the rule.

    Args:
        tau: misclassified iterates to pass over, >= 0.

    Raises:
        ValueError: ``tau`` is not a whole number >= 0.
    """

    tau: int = 0

    def __post_init__(self) -> None:
        if not isinstance(self.tau, int) or self.tau < 0:
            raise ValueError(f"tau must be a whole number >= 0, not {self.tau}.")

    @property
    def delay(self) -> int:  # type: ignore[override]
        """See the base class."""
        return self.tau

    def met(self, logits: Tensor, labels: Tensor) -> Tensor:
        """See the base class."""
        return logits.argmax(1) != labels
