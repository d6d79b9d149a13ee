"""The learning curves of a training as a figure."""

from __future__ import annotations

import io
import time
from collections.abc import Callable

import ignite.distributed as idist
import numpy as np
from ignite.engine import Engine, Events
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from custom.files import write_atomically
from custom.handlers.history import History
from custom.runs.names import LEARNING_CURVES_NAME

LOSSES = {
    "loss": "loss",
    "loss_clean": "on clean images",
    "loss_adversarial": "on adversarial images",
    "loss_synchronization": "synchronization",
}
ACCURACIES = {
    "train_accuracy": "training images",
    "val_accuracy_clean": "validation, clean",
    "val_accuracy_attacked": "validation, attacked",
}


class LearningCurves:
    """Draw ``learning_curves.png``: losses, accuracies, and the radii with their spread.

    It is drawn at the end of the training, and before that after each epoch that ends ``interval`` seconds or more
    after the last drawing: epochs of a few seconds would otherwise wait for their figure. Attach it to the trainer,
    after the :class:`custom.handlers.History` that it draws.

    Args:
        history: the numbers to be drawn; the figure is written beside its file.
        interval: seconds between two drawings.
        clock: the time in seconds.

    Example::

        >>> from ignite.engine import Engine
        >>> from custom.handlers import History, LearningCurves
        >>> handler = LearningCurves(History("runs/first", Engine(lambda engine, batch: None)))

    """

    def __init__(self, history: History, interval: float = 10.0, clock: Callable[[], float] = time.monotonic) -> None:
        self.history = history
        self.interval = interval
        self.clock = clock
        self._drawn_at = 0.0
        self._drawn = 0

    def attach(self, engine: Engine) -> None:
        """Attach the drawing to the ends of the trainer's epochs and of its run.

        Args:
            engine: the trainer.
        """
        if idist.get_rank() == 0:
            engine.add_event_handler(Events.STARTED, self.start)
            engine.add_event_handler(Events.EPOCH_COMPLETED, self.draw_sometimes)
            engine.add_event_handler(Events.COMPLETED, self)

    def start(self, engine: Engine) -> None:
        """Start counting the seconds.

        Args:
            engine: the trainer.
        """
        self._drawn_at = self.clock()

    def draw_sometimes(self, engine: Engine) -> None:
        """Draw the epochs so far if the last drawing is long enough ago.

        Args:
            engine: the trainer.
        """
        if self.clock() - self._drawn_at >= self.interval:
            self(engine)

    def __call__(self, engine: Engine) -> None:
        """Draw the epochs so far, unless the figure shows them already.

        Args:
            engine: the trainer.

        Raises:
            OSError: if the figure cannot be written.
        """
        if len(self.history.rows) == self._drawn:
            return
        self._drawn, self._drawn_at = len(self.history.rows), self.clock()
        buffer = io.BytesIO()
        draw(self.history.rows).savefig(buffer, format="png", dpi=120)
        write_atomically(self.history.table.path.with_name(LEARNING_CURVES_NAME), buffer.getvalue())


def draw(rows: list[dict[str, float]]) -> Figure:
    """Draw learning curves.

    Args:
        rows: the metrics of each epoch, with its number as ``epoch``.

    Returns:
        A figure with a panel for the losses, one for the accuracies, and one for the radii if they differ between
        images or epochs.
    """
    schedule = {row["epsilon"] for row in rows if "epsilon" in row}
    with_radii = len(schedule) > 1 or any("epsilon_mean" in row for row in rows)
    figure = Figure(figsize=(15 if with_radii else 10, 4), layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(1, 3 if with_radii else 2)
    epochs = np.array([row["epoch"] for row in rows])
    for panel, title, curves in ((panels[0], "Loss", LOSSES), (panels[1], "Accuracy", ACCURACIES)):
        for metric, label in curves.items():
            if any(metric in row for row in rows):
                panel.plot(epochs, column(rows, metric), marker=".", label=label)
        finish(panel, title)
    panels[1].yaxis.set_major_formatter(PercentFormatter(1.0))
    if with_radii:
        if any("epsilon_mean" in row for row in rows):
            mean, spread = column(rows, "epsilon_mean"), column(rows, "epsilon_std")
            panels[2].plot(epochs, mean, marker=".", label="mean")
            panels[2].fill_between(epochs, mean - spread, mean + spread, alpha=0.25, label="± standard deviation")
        panels[2].plot(epochs, column(rows, "epsilon"), linestyle="--", color="gray", label="in force for all images")
        finish(panels[2], "Radius epsilon of the training attack")
    return figure


def column(rows: list[dict[str, float]], metric: str) -> np.ndarray:
    """One metric of all epochs, shape (epochs,), NaN where it was not measured."""
    return np.array([row.get(metric, np.nan) for row in rows])


def finish(panel: Axes, title: str) -> None:
    """Give a panel its title, its legend and whole epochs below."""
    panel.set_title(title)
    panel.set_xlabel("epoch")
    panel.xaxis.set_major_locator(MaxNLocator(integer=True))
    panel.grid(alpha=0.3)
    if panel.lines:
        panel.legend()
