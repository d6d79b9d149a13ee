"""Train only the classification head for the first epochs."""

from __future__ import annotations

import logging
from typing import Any

from ignite.engine import Engine, Events
from torch import nn
from torch.nn.modules.batchnorm import _NormBase
from torch.utils.hooks import RemovableHandle

from custom.handlers.cleanup import on_exception
from custom.networks.head import classifier_head

logger = logging.getLogger(__name__)


class WarmUpHandler:
    """Freeze everything but the head for the first epochs, then give back what was frozen.

    A fresh head sends large, meaningless gradients into pre-trained layers; it is trained first, alone. While
    frozen, a parameter gets no gradient, so the optimizer leaves it as it is, and BatchNorm layers outside
    the head stay in evaluation mode even though the trainer puts the network in training mode: their running
    statistics remain the pre-trained ones, and the head is trained on the features on which it will be
    evaluated.

    Whether an epoch belongs to the warm-up is decided at its start from the trainer's epoch alone, so that a
    training resumed from a checkpoint continues right. Parameters that were frozen before stay frozen.

    With ``DistributedDataParallel`` set ``find_unused_parameters=True``: it expects gradients of all
    parameters that had ``requires_grad`` when it was built.

    Args:
        network: the classifier that is trained; its last linear or convolutional layer is the head.
        epochs: number of epochs in which only the head is trained; 0 for none.

    Raises:
        ValueError: if ``epochs`` is negative.

    Example::

        >>> import torch
        >>> from ignite.engine import Engine
        >>> from custom.handlers.warm_up import WarmUpHandler
        >>> network = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.Linear(4, 3))
        >>> trainer = Engine(lambda engine, batch: [p.requires_grad for p in network.parameters()])
        >>> WarmUpHandler(network, epochs=1).attach(trainer)
        >>> trainer.run([0], max_epochs=1).output
        [False, False, True, True]
        >>> trainer.run([0], max_epochs=2).output
        [True, True, True, True]

    """

    def __init__(self, network: nn.Module, epochs: int) -> None:
        if epochs < 0:
            raise ValueError(f"The warm-up has {epochs} epochs; it needs 0 or more.")
        self.network = network
        self.epochs = epochs
        self._frozen: list[nn.Parameter] = []
        self._hooks: list[RemovableHandle] = []

    def attach(self, engine: Engine) -> None:
        """Register the handler.

        Args:
            engine: the trainer.

        """
        engine.add_event_handler(Events.EPOCH_STARTED, self.epoch_started)
        engine.add_event_handler(Events.COMPLETED, self.completed)
        on_exception(engine, self.completed)

    def epoch_started(self, engine: Engine) -> None:
        """Freeze or unfreeze the body, as the epoch, counted from 1, demands."""
        if engine.state.epoch > self.epochs:
            self._unfreeze()
        elif not self._frozen and not self._hooks:
            self._freeze()

    def completed(self, _: Engine | BaseException) -> None:
        """Give back what is frozen if the training ends within the warm-up, even by an exception."""
        self._unfreeze()

    def _freeze(self) -> None:
        name, head = classifier_head(self.network)
        kept = {id(parameter) for parameter in head.parameters()}
        for parameter in self.network.parameters():
            if parameter.requires_grad and id(parameter) not in kept:
                parameter.requires_grad_(False)
                # A gradient left from before, even a zero, would let an optimizer with momentum move it.
                parameter.grad = None
                self._frozen.append(parameter)
        for module in self.network.modules():
            if isinstance(module, _NormBase):
                # The trainer calls `network.train()` in every iteration, after all handlers that could undo
                # it.
                self._hooks.append(module.register_forward_pre_hook(_evaluation_mode))
        logger.info("Warm-up: %d epochs train only the head %r.", self.epochs, name)

    def _unfreeze(self) -> None:
        for parameter in self._frozen:
            parameter.requires_grad_(True)
        for hook in self._hooks:
            hook.remove()
        self._frozen.clear()
        self._hooks.clear()


def _evaluation_mode(module: nn.Module, _: Any) -> None:
    module.eval()
