"""An exponential moving average of the weights, which is what is validated and saved as the best network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ignite.engine import Engine
from ignite.handlers import EMAHandler
from torch import nn

from custom.attacks.network_state import unwrap


class WeightAveraging:
    """Average the weights over the iterations, ``average <- decay average + (1 - decay) weights``.

    It is Ignite's ``EMAHandler``, with the running statistics of BatchNorm averaged alike. The evaluator validates the
    average, and :class:`custom.handlers.ResumableCheckpoint` saves it as the best network; the weights that are trained
    on stay in the checkpoint. Averaging keeps adversarial training from overfitting its attack (Rebuffi et al., "Data
    augmentation can improve robustness", 2021). Attach it to the trainer.

    Args:
        network: the network that is trained.
        decay: share of the old average that is kept in an iteration, in (0, 1).
        evaluator: the engine that validates; its network is replaced by the average.

    Raises:
        ValueError: if ``decay`` is out of range.

    Example::

        >>> import torch
        >>> from types import SimpleNamespace
        >>> from custom.handlers import WeightAveraging
        >>> evaluator = SimpleNamespace(network=None)
        >>> averaging = WeightAveraging(torch.nn.Linear(2, 3), decay=0.99, evaluator=evaluator)
        >>> evaluator.network is averaging.network
        True

    """

    def __init__(self, network: nn.Module, decay: float, evaluator: Any) -> None:
        if not 0 < decay < 1:
            raise ValueError(f"weight_averaging must be a decay in (0, 1), or 0 for no averaging, not {decay}.")
        self._average = EMAHandler(unwrap(network), momentum=1 - decay, handle_buffers="update")
        evaluator.network = self.network

    @property
    def network(self) -> nn.Module:
        """The network with the average of the weights, in evaluation mode."""
        return self._average.ema_model

    def attach(self, engine: Engine) -> None:
        """Attach the averaging to the trainer's iterations.

        Args:
            engine: the trainer.
        """
        self._average.attach(engine)

    def state_dict(self) -> dict[str, Any]:
        """The average, for the checkpoint."""
        return dict(self.network.state_dict())

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Restore the average of a checkpoint.

        Args:
            state_dict: what :meth:`state_dict` gave.
        """
        self.network.load_state_dict(state_dict)
