"""The structured report."""

from __future__ import annotations

from monai.deploy.core import Fragment

from deploy.case import Documents, Model
from deploy.ledger import Ledger
from deploy.operators.image_operator import ImageOperator
from deploy.operators.overlay import Drawn
from deploy.report import build_report
from deploy.series import SeriesBook

SERIES_NUMBER = 9002


class ReportOperator(ImageOperator):
    """Reports findings: :class:`Drawn` to :class:`Documents`.

    Args:
        fragment: the application.
        ledger: where refusals are noted.
        model: the model that found them.
    """

    def __init__(self, fragment: Fragment, ledger: Ledger, model: Model) -> None:
        self.model = model
        self.series = SeriesBook(SERIES_NUMBER)
        super().__init__(fragment, ledger, name="report")

    def process(self, item: Drawn) -> Documents:
        """Report one finding."""
        finding, overlay = item.finding, item.overlay
        report = build_report(finding, overlay, self.model, self.series.place(finding.source))
        return Documents(finding, overlay, report)

    def image_name(self, item: Drawn) -> str:
        """Name the image in messages."""
        return item.finding.source.name
