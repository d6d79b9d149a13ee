"""The files that come out."""

from __future__ import annotations

from pathlib import Path

from monai.deploy.core import Fragment

from deploy.case import Documents, Model
from deploy.ledger import Ledger
from deploy.naming import output_name
from deploy.operators.image_operator import ImageOperator
from deploy.writer import write_documents


class WriteOperator(ImageOperator):
    """Writes the outputs of images, and notes that they are handled.

    Args:
        fragment: the application.
        ledger: where that is noted.
        model: the model that the outputs name.
        folder: where to write.
    """

    last = True

    def __init__(self, fragment: Fragment, ledger: Ledger, model: Model, folder: Path) -> None:
        self.model = model
        self.folder = folder
        super().__init__(fragment, ledger, name="write")

    def process(self, item: Documents) -> None:
        """Write the three files of an image."""
        source = item.finding.source
        name = output_name(source)
        write_documents(item, self.model, self.folder, name)
        self.ledger.handle(source.name, name)

    def image_name(self, item: Documents) -> str:
        """Name the image in messages."""
        return item.finding.source.name
