"""Whether a small attack changes the answer."""

from __future__ import annotations

from dataclasses import dataclass

from monai.deploy.core import Fragment
from torch import Tensor

from deploy.bundle import Bundle
from deploy.case import Finding
from deploy.ledger import Ledger
from deploy.operators.classify import Classified
from deploy.operators.image_operator import ImageOperator


@dataclass(frozen=True)
class Checked:
    """A finding, and what the network saw of its image, shape (1, 3, S, S)."""

    finding: Finding
    image: Tensor


class CheckStabilityOperator(ImageOperator):
    """Attacks images and looks whether their class stays: :class:`Classified` to :class:`Checked`.

    Args:
        fragment: the application.
        ledger: where refusals are noted.
        bundle: what was classified with.
    """

    def __init__(self, fragment: Fragment, ledger: Ledger, bundle: Bundle) -> None:
        self.bundle = bundle
        super().__init__(fragment, ledger, name="check_stability")

    def process(self, item: Classified) -> Checked:
        """Attack an image."""
        stability = self.bundle.check_stability(item.image, item.prediction)
        return Checked(Finding(item.source, item.prediction, stability), item.image)

    def image_name(self, item: Classified) -> str:
        """Name the image in messages."""
        return item.source.name
