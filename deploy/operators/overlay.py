"""An image of where the evidence lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from monai.deploy.core import Fragment

from deploy.bundle import Bundle
from deploy.capture import build_capture
from deploy.case import Finding
from deploy.ledger import Ledger
from deploy.operators.check_stability import Checked
from deploy.operators.image_operator import ImageOperator
from deploy.overlay import draw_overlay
from deploy.series import SeriesBook

SERIES_NUMBER = 9001


@dataclass(frozen=True)
class Drawn:
    """A finding and its overlay, a DICOM data set."""

    finding: Finding
    overlay: Any


class OverlayOperator(ImageOperator):
    """Explains images by Grad-CAM, as secondary captures: :class:`Checked` to :class:`Drawn`.

    Args:
        fragment: the application.
        ledger: where refusals are noted.
        bundle: what was classified with.
    """

    def __init__(self, fragment: Fragment, ledger: Ledger, bundle: Bundle) -> None:
        self.bundle = bundle
        self.series = SeriesBook(SERIES_NUMBER)
        super().__init__(fragment, ledger, name="overlay")

    def process(self, item: Checked) -> Drawn:
        """Explain an image."""
        finding = item.finding
        overlay = draw_overlay(finding, self.bundle.explain(item.image, finding.prediction))
        return Drawn(finding, build_capture(finding, overlay, self.bundle.model, self.series.place(finding.source)))

    def image_name(self, item: Checked) -> str:
        """Name the image in messages."""
        return item.finding.source.name
