"""An exponential moving average of the weights, a second candidate for the best network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ignite.engine import Engine
from ignite.handlers import EMAHandler
from torch import nn

from custom.attacks.network_state import unwrap


class WeightAveraging:
    """Average the weights over the iterations, ``average <- decay average + (1 - decay) weights``.

    It is Ignite's ``EMAHandler``, with the running statistics of BatchNorm averaged alike. Averaging keeps adversarial
    training from overfitting its attack (Rebuffi et al., "Data augmentation can improve robustness", 2021).

    :class:`custom.handlers.ValidationAfterEpochs` validates the average beside the weights that are trained on, and
    says which of the two is better; :class:`custom.handlers.ResumableCheckpoint` saves that one as the best network.
    Attach it to the trainer before both.

    Args:
        network: the network that is trained.
        decay: share of the old average that is kept in an iteration, in (0, 1).

    Attributes:
        chosen: whether the average, not the network itself, is the epoch's candidate for the best network.
        started: whether there is an average yet.
        follows_validation: whether the average depends on the validation of the weights that are trained on.

    Raises:
        ValueError: if ``decay`` is out of range.

    Example::

        >>> import torch
        >>> from custom.handlers import WeightAveraging
        >>> averaging = WeightAveraging(torch.nn.Linear(2, 3), decay=0.99)
        >>> averaging.network.training
        False

    """

    follows_validation: ClassVar[bool] = False

    def __init__(self, network: nn.Module, decay: float) -> None:
        if not 0 < decay < 1:
            raise ValueError(f"weight_averaging must be a decay in (0, 1), or 0 for no averaging, not {decay}.")
        self.decay = decay
        self.chosen = self.started = True
        self._average = EMAHandler(unwrap(network), momentum=1 - decay, handle_buffers="update")

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

    def validated(self, engine: Engine, metrics: Mapping[str, Any]) -> None:
        """Take note of the validation of the weights that are trained on, before the average is validated.

        Args:
            engine: the trainer.
            metrics: the metrics of that validation.
        """

    def state_dict(self) -> dict[str, Any]:
        """The average, for the checkpoint."""
        return dict(self.network.state_dict())

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Restore the average of a checkpoint.

        Args:
            state_dict: what :meth:`state_dict` gave.
        """
        self.network.load_state_dict(state_dict)
