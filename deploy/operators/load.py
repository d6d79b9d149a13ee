"""The files, one by one."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from monai.deploy.conditions import CountCondition
from monai.deploy.core import ExecutionContext, Fragment, InputContext, Operator, OperatorSpec, OutputContext

from deploy.case import Source
from deploy.inputs import relative_name
from deploy.ledger import Ledger
from deploy.naming import output_name
from deploy.operators.image_operator import OUTPUT
from deploy.read_source import read_source
from deploy.refusal import RefusalError


class LoadOperator(Operator):
    """Reads one file each time it runs, and runs as often as there are files.

    It waits for the operator behind to take the last image, so memory holds a few images, however many files there
    are. One file is read ahead in a thread, while the other operators are at work.

    Args:
        fragment: the application.
        ledger: where refusals are noted.
        root: what the files' names are relative to.
        files: the files.
        intensity: the bundle's intensity window.
    """

    def __init__(
        self,
        fragment: Fragment,
        ledger: Ledger,
        root: Path,
        files: Sequence[Path],
        intensity: Mapping[str, Any] | None = None,
    ) -> None:
        self.ledger = ledger
        self.root = root
        self.intensity = intensity
        self.files = list(files)
        self.reader = ThreadPoolExecutor(1)
        self.ahead: deque[tuple[str, Future[Source]]] = deque()
        self.outputs: dict[str, str] = {}
        super().__init__(fragment, CountCondition(fragment, len(files)), name="load")

    def setup(self, spec: OperatorSpec) -> None:
        """Declare the output."""
        spec.output(OUTPUT)

    def compute(self, op_input: InputContext, op_output: OutputContext, context: ExecutionContext) -> None:
        """Pass on the next file; emit nothing if it is refused."""
        while self.files and len(self.ahead) < 2:
            self._read_ahead(self.files.pop(0))
        name, reading = self.ahead.popleft()
        try:
            source = reading.result()
            output = output_name(source)
            if output in self.outputs:
                raise RefusalError(f"its SOP Instance UID {output} is also that of {self.outputs[output]}")
        except RefusalError as error:
            self.ledger.refuse(name, str(error))
            return
        except Exception as error:  # An odd file must not end the others.
            self.ledger.refuse(name, f"it cannot be read ({error!r})")
            return
        self.outputs[output] = name
        op_output.emit(source, OUTPUT)

    def _read_ahead(self, path: Path) -> None:
        name = relative_name(path, self.root)
        self.ahead.append((name, self.reader.submit(read_source, path, name, self.intensity)))
