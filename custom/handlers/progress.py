"""What a user sees of a training: a bar for each epoch, a line after it, and where the results are."""

from __future__ import annotations

import sys
import time
from typing import Any

import ignite.distributed as idist
from ignite.engine import Engine, Events
from ignite.handlers import ProgressBar
from monai.utils import CommonKeys

from custom.counts import counted
from custom.handlers.checkpoint import ResumableCheckpoint
from custom.handlers.history import epoch_metrics
from custom.handlers.validation import AVERAGED
from custom.runs.names import MODEL_NAME

PERCENTAGES = {
    "train_accuracy": "training",
    "val_accuracy_clean": "clean",
    "val_accuracy_attacked": "attacked",
}
"""The accuracies of an epoch's line, by metric, with the words for them."""


class TrainingProgress:
    """Show the progress of a training on the terminal.

    - A bar an epoch (Ignite's ``ProgressBar``, on stderr) with loss and accuracy of the epoch so far. Where
      stderr is not a terminal, as in a log file, there is no bar.
    - A line an epoch (on stdout): loss, accuracy on the training images as they were trained on, accuracy on
      clean and on attacked validation images, the mean radius, the minutes left, and whether it is the best
      so far.
    - At the end a sentence that says where the results are.

    Attach it to the trainer, after the handlers that validate, gather statistics and save.

    Args:
        evaluator: the engine that validates.
        checkpoint: the handler that saves, which knows the best epoch.

    Example::

        >>> import tempfile
        >>> import torch
        >>> from ignite.engine import Engine
        >>> from custom.handlers import ResumableCheckpoint, TrainingProgress
        >>> evaluator = Engine(lambda engine, batch: None)
        >>> network = torch.nn.Linear(2, 3)
        >>> checkpoint = ResumableCheckpoint(tempfile.mkdtemp(), {"network": network}, evaluator, "score")
        >>> handler = TrainingProgress(evaluator, checkpoint)

    """

    def __init__(self, evaluator: Engine, checkpoint: ResumableCheckpoint) -> None:
        self.evaluator = evaluator
        self.checkpoint = checkpoint
        self.bar = ProgressBar(disable=not sys.stderr.isatty(), mininterval=0.5)
        self._epoch_started = 0.0
        self._loss = self._correct = self._seen = 0.0

    def attach(self, engine: Engine) -> None:
        """Attach the display to the trainer.

        Args:
            engine: the trainer.
        """
        if idist.get_rank() != 0:
            return
        self.bar.attach(engine, output_transform=self._so_far)
        engine.add_event_handler(Events.EPOCH_STARTED, self.start_epoch)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self.end_epoch)
        engine.add_event_handler(Events.COMPLETED, self.end)

    def start_epoch(self, engine: Engine) -> None:
        """Look at the clock and forget the epoch before.

        Args:
            engine: the trainer.
        """
        self._epoch_started = time.monotonic()
        self._loss = self._correct = self._seen = 0.0

    def end_epoch(self, engine: Engine) -> None:
        """Print the line of the epoch that has ended.

        Args:
            engine: the trainer.
        """
        self.bar.log_message(self.line(engine, time.monotonic() - self._epoch_started))
        # A log file is read while the training runs.
        sys.stdout.flush()

    def end(self, engine: Engine) -> None:
        """Print where the results are.

        Args:
            engine: the trainer.
        """
        state = engine.state
        planned = state.max_epochs or state.epoch
        epochs = counted(planned, "epoch")
        if state.epoch < planned:
            epochs = f"{state.epoch} of {epochs}, as validation stopped improving"
        model = self.checkpoint.save_dir / MODEL_NAME
        print(
            f"Trained for {epochs}: the weights of the best one, epoch "
            f"{self.checkpoint.best_epoch}, are {model}, with the learning curves beside.",
            flush=True,
        )

    def line(self, engine: Engine, seconds: float) -> str:
        """Describe the epoch that has ended.

        Args:
            engine: the trainer.
            seconds: how long the epoch took, validation included.

        Returns:
            One line; what was not measured in this epoch is left out.
        """
        state = engine.state
        planned = state.max_epochs or state.epoch
        metrics = epoch_metrics(engine, self.evaluator)
        parts = [f"epoch {state.epoch}/{planned}"]
        if "loss" in metrics:
            parts.append(f"loss {metrics['loss']:.4f}")
        parts += [f"{word} {metrics[name]:.1%}" for name, word in PERCENTAGES.items() if name in metrics]
        if AVERAGED in metrics:
            parts.append("averaged weights" if metrics[AVERAGED] else "raw weights")
        if "epsilon_mean" in metrics:
            parts.append(f"epsilon {metrics['epsilon_mean']:.3f}")
        left = seconds * (planned - state.epoch)
        parts.append(f"{left / 60:.0f} min left" if left >= 60 else f"{left:.0f} s left")
        if self.checkpoint.best_epoch == state.epoch:
            parts.append("best so far")
        return ", ".join(parts)

    def _so_far(self, output: dict[str, Any]) -> dict[str, str]:
        """Loss and accuracy of the epoch so far, with the iteration that has ended."""
        logits, labels = output[CommonKeys.PRED], output[CommonKeys.LABEL]
        # Of the images that were trained on: the adversarial ones if there are any.
        trained_on = logits.clean if logits.adversarial is None else logits.adversarial
        self._seen += len(labels)
        self._loss += output[CommonKeys.LOSS].item() * len(labels)
        self._correct += float((trained_on.argmax(1) == labels).sum())
        return {"loss": f"{self._loss / self._seen:.3f}", "accuracy": f"{self._correct / self._seen:.1%}"}
