"""The run's folder as a handler: claimed, and with its config in it, as soon as the training starts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ignite.distributed as idist
from ignite.engine import Engine, Events

from custom.handlers.cleanup import on_exception
from custom.runs import CHECKPOINT_NAME, CONFIG_NAME, claim, running_config, write_config
from custom.runs.names import MLFLOW_NAME, SIGNATURE_NAME
from custom.runs.resume import check_resumed_config


class RunRecord:
    """Claim the run's folder and write ``config.json`` when the training starts, whoever starts it.

    The config is that of the parser that makes this handler: of the command line, ``torchrun``, ``ConfigWorkflow``
    or a notebook. A training that resumes is compared with what it resumes first. One that fails before its first
    epoch has ended, by an error and not by an interruption, leaves nothing that could be resumed, and no folder.
    Attach it to the trainer as the first handler.

    Args:
        output_dir: folder of the run.
        resume: whether the training resumes.
        config: the config, if no parser makes this handler.

    Example::

        >>> import tempfile
        >>> from custom.handlers import RunRecord
        >>> handler = RunRecord(tempfile.mkdtemp(), config={"method": "at"})

    """

    def __init__(self, output_dir: str, resume: bool = False, config: Mapping[str, Any] | None = None) -> None:
        self.output_dir = output_dir
        self.resume = resume
        self.config = dict(config) if config is not None else running_config()
        # A federated site runs its trainer once a round.
        self._begun = False

    def attach(self, engine: Engine) -> None:
        """Attach the record to the start of the training.

        Args:
            engine: the trainer.
        """
        engine.add_event_handler(Events.STARTED, self)
        on_exception(engine, self.fail)

    def __call__(self, engine: Engine) -> None:
        """Claim the folder, and write the config; of several processes the first one does.

        Args:
            engine: the trainer.

        Raises:
            FileExistsError: if the folder holds another training, or one that is running.
            ValueError: if the training cannot resume with these settings.
        """
        if self._begun:
            return
        claim(self.output_dir, self.resume)
        self._begun = True
        if self.config is None or idist.get_rank() != 0:
            return
        if self.resume:
            check_resumed_config(self.output_dir, self.config)
        write_config(self.output_dir, self.config)

    def fail(self, error: BaseException) -> None:
        """Remove what a training wrote that has failed before its first checkpoint.

        Args:
            error: what ended the training.
        """
        interrupted = isinstance(error, KeyboardInterrupt | SystemExit)
        if not self._begun or self.resume or interrupted or idist.get_rank() != 0:
            return
        folder = Path(self.output_dir)
        if not (folder / CHECKPOINT_NAME).exists():
            # The folder itself goes at the end of the process, if it is empty.
            for name in (CONFIG_NAME, SIGNATURE_NAME, MLFLOW_NAME):
                (folder / name).unlink(missing_ok=True)
