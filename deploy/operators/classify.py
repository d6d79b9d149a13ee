"""Probabilities of an image."""

from __future__ import annotations

from dataclasses import dataclass

from monai.deploy.core import Fragment
from torch import Tensor

from deploy.bundle import Bundle
from deploy.case import Prediction, Source
from deploy.ledger import Ledger
from deploy.operators.image_operator import ImageOperator


@dataclass(frozen=True)
class Classified:
    """An image, what the network saw of it, shape (1, 3, S, S), and its answer."""

    source: Source
    image: Tensor
    prediction: Prediction


class ClassifyOperator(ImageOperator):
    """Classifies images: :class:`Source` to :class:`Classified`.

    Args:
        fragment: the application.
        ledger: where refusals are noted.
        bundle: what classifies.
    """

    def __init__(self, fragment: Fragment, ledger: Ledger, bundle: Bundle) -> None:
        self.bundle = bundle
        super().__init__(fragment, ledger, name="classify")

    def process(self, item: Source) -> Classified:
        """Classify an image."""
        image = self.bundle.prepare(item.pixels if item.values is None else item.values)
        return Classified(item, image, self.bundle.predict(image))

    def image_name(self, item: Source) -> str:
        """Name the image in messages."""
        return item.name
