"""Summarize the losses and the attacks' statistics of an epoch in the trainer's metrics."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import ignite.distributed as idist
import torch
from ignite.engine import Engine, Events
from monai.utils import CommonKeys
from torch import Tensor

from custom.handlers.adversarial_examples import Statistic
from custom.losses import TrainingLoss


class AdversarialStatistics:
    """Summarize an epoch's losses and the statistics of its attacks in ``engine.state.metrics``.

    The loss and its parts become their means, ``loss`` and ``loss_*``. A :class:`Statistic` called ``name`` becomes
    ``name_mean`` (and ``name_std``), ``name_share`` or, for counts, ``name``; a method's docstring says which
    it has, such as ``epsilon_mean``, ``epsilon_std`` and ``norm_mean``.

    Args:
        loss_function: the loss, whose ``parts`` are summarized.

    Example::

        >>> from custom.handlers import AdversarialStatistics
        >>> from custom.losses import AdversarialLoss
        >>> handler = AdversarialStatistics(AdversarialLoss())

    """

    def __init__(self, loss_function: TrainingLoss) -> None:
        self.loss_function = loss_function
        self._values: defaultdict[str, list[Tensor]] = defaultdict(list)
        self._summaries: dict[str, str] = {}

    def attach(self, engine: Engine) -> None:
        """Attach the collection to the engine's iterations and the summary to its epochs.

        Args:
            engine: a MONAI trainer.
        """
        engine.add_event_handler(Events.EPOCH_STARTED, self.start)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self.collect)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self.summarize)

    def start(self, engine: Engine) -> None:
        """Forget the epoch before.

        Args:
            engine: a MONAI trainer.
        """
        self._values.clear()
        self._summaries.clear()

    def collect(self, engine: Engine) -> None:
        """Keep one iteration's figures.

        Args:
            engine: a MONAI trainer.
        """
        output: dict[str, Any] = engine.state.output  # type: ignore[assignment]
        labels = output[CommonKeys.LABEL]
        with torch.no_grad():
            losses = {"loss": output[CommonKeys.LOSS], **self.loss_function.parts(output[CommonKeys.PRED], labels)}
        for name, loss in losses.items():
            # A mini-batch counts by its size, so that a short last one gets no more weight than its samples.
            self._add(name, loss.reshape(1).expand(len(labels)), "loss")
        statistics: Mapping[str, Statistic] = getattr(engine.state, "adversarial", {})
        for name, statistic in statistics.items():
            self._add(name, statistic.values.reshape(-1), statistic.summary)

    def _add(self, name: str, values: Tensor, summary: str) -> None:
        self._values[name].append(values.detach().double().cpu())
        self._summaries[name] = summary

    def summarize(self, engine: Engine) -> None:
        """Write the epoch's summary into ``engine.state.metrics``.

        Args:
            engine: a MONAI trainer.
        """
        metrics = engine.state.metrics
        for name, parts in self._values.items():
            count, mean, variance = moments(torch.cat(parts))
            summary = self._summaries[name]
            if summary == "loss":
                metrics[name] = mean
            elif summary == "share":
                metrics[f"{name}_share"] = mean
            elif summary == "count":
                metrics[name] = round(mean * count)
            elif summary == "count_batches":
                # Every process has the same value for a mini-batch that they share.
                metrics[name] = round(mean * count) // idist.get_world_size()
            else:
                metrics[f"{name}_mean"] = mean
                if summary == "mean_and_std":
                    metrics[f"{name}_std"] = variance**0.5


def moments(values: Tensor) -> tuple[int, float, float]:
    """Count, mean and (population) variance of ``values`` over all processes."""
    sums = torch.stack([values.new_tensor(float(len(values))), values.sum(), values.square().sum()])
    if idist.get_world_size() > 1:
        sums = torch.as_tensor(idist.all_reduce(sums))
    count, total, squares = sums.tolist()
    mean = total / count
    return int(count), mean, max(squares / count - mean**2, 0.0)
