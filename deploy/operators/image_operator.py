"""What the operators after the first have in common."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from monai.deploy.core import ExecutionContext, Fragment, InputContext, Operator, OperatorSpec, OutputContext

from deploy.ledger import Ledger

INPUT = "image"
OUTPUT = "result"


class ImageOperator(Operator):
    """Takes what is known of one image and passes on more of it.

    If that fails the image is refused, and the others continue: nothing is emitted, so that the operators behind do
    not run for it.

    Args:
        fragment: the application.
        ledger: where refusals are noted.
        name: the operator's name.
    """

    last = False
    """Whether nothing comes behind."""

    def __init__(self, fragment: Fragment, ledger: Ledger, *, name: str) -> None:
        self.ledger = ledger
        super().__init__(fragment, name=name)

    def setup(self, spec: OperatorSpec) -> None:
        """Declare one input, and one output unless this is the last operator."""
        spec.input(INPUT)
        if not self.last:
            spec.output(OUTPUT)

    def compute(self, op_input: InputContext, op_output: OutputContext, context: ExecutionContext) -> None:
        """Handle one image."""
        item = op_input.receive(INPUT)
        try:
            result = self.process(item)
        except Exception as error:  # Whatever it is, it concerns only this image.
            self.ledger.refuse(self.image_name(item), f"{error}" if isinstance(error, ValueError) else repr(error))
            return
        if not self.last:
            op_output.emit(result, OUTPUT)

    @abstractmethod
    def process(self, item: Any) -> Any:
        """Turn what comes in into what is passed on."""

    @abstractmethod
    def image_name(self, item: Any) -> str:
        """Name the image in messages."""
