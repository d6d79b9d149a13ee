"""Adversarial weight perturbation."""

from __future__ import annotations

from collections.abc import Iterator

import ignite.distributed as idist
import torch
from ignite.engine import Engine, Events
from monai.engines.utils import IterationEvents
from torch import Tensor, nn

from custom.attacks.network_state import unwrap
from custom.handlers.cleanup import on_exception


class AdversarialWeightPerturbation:
    r"""Train at weights that are a step worse than the network's own, whatever the training method (AWP).

    Before the training pass of a mini-batch every weight tensor moves up the gradient of the method's loss; after the
    backward pass it is put back, so that the optimizer moves the network's own weights along the gradient found at the
    perturbed ones:

    .. math::
        v_l = \gamma\, \frac{\nabla_{w_l} L}{\|\nabla_{w_l} L\|}\, \|w_l\|

    Wu et al., "Adversarial weight perturbation helps robust generalization", NeurIPS 2020, with one step, for which the
    step size drops out. Perturbed are the weights of convolutional and linear layers (tensors of two dimensions or
    more) that are being trained, no biases and no BatchNorm. It costs one more forward and backward pass for each
    mini-batch; the attack is not repeated. BatchNorm's statistics move once, and both passes drop the same units. With
    several processes the gradient is their mean.

    Attach it after the training method.

    Args:
        gamma: length of the perturbation as a share of each tensor's norm, greater than 0; the source uses 0.005 to
            0.01.
        warm_up: number of epochs before the first perturbation.

    Raises:
        ValueError: if ``gamma`` or ``warm_up`` is out of range.

    Example::

        >>> from custom.handlers import AdversarialWeightPerturbation
        >>> handler = AdversarialWeightPerturbation(gamma=0.005, warm_up=10)

    """

    def __init__(self, gamma: float, warm_up: int = 0) -> None:
        if not 0 < gamma < float("inf"):
            raise ValueError(f"gamma of the adversarial weight perturbation must be a number above 0, got {gamma}.")
        if warm_up < 0:
            raise ValueError(f"warm_up of the adversarial weight perturbation must be at least 0, got {warm_up}.")
        self.gamma = gamma
        self.warm_up = warm_up
        self._own: list[tuple[nn.Parameter, Tensor]] = []

    def attach(self, engine: Engine) -> None:
        """Attach the perturbation to the start of the iterations and its end to their backward passes.

        Args:
            engine: a MONAI trainer.
        """
        engine.add_event_handler(Events.ITERATION_STARTED, self.perturb)
        engine.add_event_handler(IterationEvents.BACKWARD_COMPLETED, self.restore)
        on_exception(engine, self.restore)

    def perturb(self, engine: Engine) -> None:
        """Move the weights, unless the training warms up.

        Args:
            engine: a MONAI trainer that is about to run a mini-batch.
        """
        if engine.state.epoch <= self.warm_up:
            return
        network: nn.Module = unwrap(engine.network)  # type: ignore[attr-defined]
        parameters = [item for item in network.parameters() if item.requires_grad and item.ndim > 1]
        if not parameters:
            return
        gradients = self.gradients(engine, network, parameters)
        self._own = [(parameter, parameter.detach().clone()) for parameter in parameters]
        with torch.no_grad():
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter.add_(weight_perturbation(parameter, gradient, self.gamma))

    def gradients(self, engine: Engine, network: nn.Module, parameters: list[nn.Parameter]) -> list[Tensor]:
        """Gradients of the method's loss, which leave no trace: no ``.grad``, no statistics, no random state.

        Args:
            engine: a MONAI trainer that is about to run a mini-batch.
            network: its network, without a data-parallel wrapper.
            parameters: what to differentiate with respect to.
        """
        images, labels, *further = engine.prepare_batch(  # type: ignore[attr-defined]
            engine.state.batch,
            engine.state.device,  # type: ignore[attr-defined]
            engine.non_blocking,  # type: ignore[attr-defined]
            **engine.to_kwargs,  # type: ignore[attr-defined]
        )
        args, kwargs = further or ((), {})
        network.train()
        networks = [network, *getattr(engine.inferer, "further_networks", ())]  # type: ignore[attr-defined]
        buffers = [(buffer, buffer.clone()) for module in networks for buffer in module.buffers()]
        devices = [parameters[0].device] if parameters[0].is_cuda else []
        amp = torch.autocast("cuda", enabled=bool(engine.amp))  # type: ignore[attr-defined]
        with torch.random.fork_rng(devices=devices), torch.enable_grad(), amp:
            logits = engine.inferer(images, network, *args, **kwargs)  # type: ignore[attr-defined]
            loss = engine.loss_function(logits, labels).mean()  # type: ignore[attr-defined]
            gradients = torch.autograd.grad(loss, parameters, allow_unused=True)
        with torch.no_grad():
            for buffer, value in buffers:
                buffer.copy_(value)
        return list(mean_over_processes(parameters, gradients))

    def restore(self, _: Engine | BaseException) -> None:
        """Put the network's own weights back, to the bit, also after an exception."""
        with torch.no_grad():
            for parameter, value in self._own:
                parameter.copy_(value)
        self._own = []


def weight_perturbation(weight: Tensor, gradient: Tensor, gamma: float) -> Tensor:
    """Perturbation of one weight tensor: along the gradient, ``gamma`` times as long as the weight itself.

    Args:
        weight: any shape.
        gradient: of the loss with respect to the weight; a zero gradient gives no perturbation.
        gamma: length as a share of the weight's norm.
    """
    tiny = torch.finfo(gradient.dtype).tiny
    return gradient * (gamma * weight.norm() / gradient.norm().clamp_min(tiny))


def mean_over_processes(parameters: list[nn.Parameter], gradients: tuple[Tensor | None, ...]) -> Iterator[Tensor]:
    """Each parameter's gradient, averaged over all processes; zero if the loss does not depend on it."""
    for parameter, found in zip(parameters, gradients, strict=True):
        gradient = torch.zeros_like(parameter) if found is None else found
        if idist.get_world_size() > 1:
            gradient = torch.as_tensor(idist.all_reduce(gradient)) / idist.get_world_size()
        yield gradient
