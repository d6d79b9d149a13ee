"""Gather what the attacks and the loss reported over an epoch into the trainer's metrics."""

from __future__ import annotations

from collections import defaultdict

import ignite.distributed as idist
import torch
from ignite.engine import Engine, Events
from monai.utils import CommonKeys
from torch import Tensor

from custom.losses import AdversarialLoss


class AdversarialStatistics:
    """Summarise an epoch's losses, radii and counts in ``engine.state.metrics``.

    ====================== ==================================================================
    metric                 meaning, over all samples or mini-batches of the epoch
    ====================== ==================================================================
    ``loss``, ``loss_*``   mean of the loss and of its parts
    ``epsilon_mean``       mean of the radii epsilon_i
    ``epsilon_std``        their standard deviation
    ``norm_mean``          mean norm of the perturbations
    ``delta_loss_mean``    mean of dL_avg (DPAAT)
    ``fragile_share``      share of fragile samples (DPAAT), in [0, 1]
    ``clamped_low``        number of radii raised to 0 (DPAAT)
    ``clamped_high``       number of radii lowered to 2 epsilon (DPAAT)
    ``degenerate``         number of mini-batches with dL_avg at or below its floor (DPAAT)
    ====================== ==================================================================

    Args:
        loss_function: the loss whose ``parts`` are summarised.

    Example::

        >>> from custom.handlers import AdversarialStatistics
        >>> from custom.losses import AdversarialLoss
        >>> handler = AdversarialStatistics(AdversarialLoss())

    """

    def __init__(self, loss_function: AdversarialLoss) -> None:
        self.loss_function = loss_function
        self._values: defaultdict[str, list[Tensor]] = defaultdict(list)

    def attach(self, engine: Engine) -> None:
        """Attach the gathering to the engine's iterations and the summary to its epochs.

        Args:
            engine: a MONAI trainer.
        """
        engine.add_event_handler(Events.EPOCH_STARTED, self.start)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self.gather)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self.summarise)

    def start(self, engine: Engine) -> None:
        """Forget the epoch before.

        Args:
            engine: a MONAI trainer.
        """
        self._values.clear()

    def gather(self, engine: Engine) -> None:
        """Keep one iteration's numbers.

        Args:
            engine: a MONAI trainer.
        """
        output = engine.state.output
        values = {"loss": output[CommonKeys.LOSS], **self.loss_function.parts}  # type: ignore[index]
        size = len(output[CommonKeys.LABEL])  # type: ignore[index]
        for name, value in values.items():
            # A mini-batch counts by its size, so that a short last one does not weigh too much.
            self._values[name].append(value.detach().double().cpu().reshape(1).expand(size))
        for name, value in getattr(engine.state, "adversarial", {}).items():
            self._values[name].append(torch.as_tensor(value).detach().double().cpu().reshape(-1))

    def summarise(self, engine: Engine) -> None:
        """Write the epoch's summary into ``engine.state.metrics``.

        Args:
            engine: a MONAI trainer.
        """
        metrics = engine.state.metrics
        for name, parts in self._values.items():
            count, mean, variance = moments(torch.cat(parts))
            if name.startswith("loss") or name == "delta_loss_mean":
                metrics[name] = mean
            elif name == "fragile":
                metrics["fragile_share"] = mean
            elif name in ("epsilon", "norm"):
                metrics[f"{name}_mean"] = mean
                if name == "epsilon":
                    metrics["epsilon_std"] = variance**0.5
            elif name == "degenerate":
                # One per mini-batch, the same in every process.
                metrics[name] = round(mean * count) // idist.get_world_size()
            else:
                metrics[name] = round(mean * count)


def moments(values: Tensor) -> tuple[int, float, float]:
    """Count, mean and (population) variance of ``values`` over all processes."""
    sums = torch.stack([values.new_tensor(float(len(values))), values.sum(), values.square().sum()])
    if idist.get_world_size() > 1:
        sums = torch.as_tensor(idist.all_reduce(sums))
    count, total, squares = sums.tolist()
    mean = total / count
    return int(count), mean, max(squares / count - mean**2, 0.0)
