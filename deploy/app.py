"""The application: a chain of operators."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from monai.deploy.core import Application

from deploy.bundle import Bundle
from deploy.ledger import Ledger
from deploy.operators import (
    CheckStabilityOperator,
    ClassifyOperator,
    LoadOperator,
    OverlayOperator,
    ReportOperator,
    WriteOperator,
)
from deploy.operators.image_operator import INPUT, OUTPUT


class ClassificationApp(Application):
    """Load, classify, attack, explain, report and write, image by image.

    Args:
        bundle: what classifies.
        root: what the files' names are relative to.
        files: the files to handle.
        output: folder for the results.
        ledger: notes what became of each file.
    """

    def __init__(self, bundle: Bundle, root: Path, files: Sequence[Path], output: Path, ledger: Ledger) -> None:
        self.bundle = bundle
        self.root = root
        self.files = files
        self.output = output
        self.ledger = ledger
        super().__init__()

    def compose(self) -> None:
        """Build the chain."""
        chain = [
            LoadOperator(self, self.ledger, self.root, self.files, self.bundle.intensity),
            ClassifyOperator(self, self.ledger, self.bundle),
            CheckStabilityOperator(self, self.ledger, self.bundle),
            OverlayOperator(self, self.ledger, self.bundle),
            ReportOperator(self, self.ledger, self.bundle.model),
            WriteOperator(self, self.ledger, self.bundle.model, self.output),
        ]
        for first, second in pairwise(chain):
            self.add_flow(first, second, {(OUTPUT, INPUT)})
