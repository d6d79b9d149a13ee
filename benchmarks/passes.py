"""The floor: the bare forward and backward passes of an attack, without anything around them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from benchmarks.problem import Problem
from custom.acceleration import Acceleration, Accelerations, accelerate, create_accelerations
from custom.attacks.network_state import frozen


@dataclass(frozen=True)
class Pass:
    """One call of the network.

    Attributes:
        samples: number of images.
        backward: whether the gradient of the images was computed.
    """

    samples: int
    backward: bool


class RecordPasses(Acceleration):
    """Records every call of the network in ``passes``; to be placed last, and accelerates nothing."""

    def __init__(self) -> None:
        self.passes: list[Pass] = []

    def network(self, network: nn.Module, images: Tensor) -> nn.Module:
        """The network in a module that records its calls."""
        return _Recorded(network, self.passes)


class _Recorded(nn.Module):
    """A network that records its calls."""

    def __init__(self, network: nn.Module, passes: list[Pass]) -> None:
        super().__init__()
        self.network = network
        self.passes = passes

    def forward(self, images: Tensor) -> Tensor:
        self.passes.append(Pass(len(images), torch.is_grad_enabled() and images.requires_grad))
        logits: Tensor = self.network(images)
        return logits


def attack_floor(passes: Sequence[Pass], problem: Problem, accelerations: Accelerations) -> Callable[[], None]:
    """Repeat the passes alone: no folding, norms, projections or bookkeeping.

    Args:
        passes: what :class:`RecordPasses` recorded.
        problem: network and images.
        accelerations: those of the attack that made the passes, applied beforehand.

    Returns:
        A call that does the passes.
    """
    with frozen(problem.network) as inner:
        network, images = accelerate(create_accelerations(accelerations), inner, problem.images)

    def floor() -> None:
        with frozen(problem.network):
            for one in passes:
                if one.backward:
                    inputs = images[: one.samples].detach().requires_grad_()
                    torch.autograd.grad(network(inputs).sum(), inputs)
                else:
                    with torch.no_grad():
                        network(images[: one.samples])

    return floor


def training_pass(problem: Problem, samples: int) -> None:
    """One bare forward and backward pass in training mode for the gradients of all parameters.

    Args:
        problem: network and images.
        samples: number of images; the batch is repeated if it has fewer.
    """
    repeats = -(-samples // len(problem.images))
    images = torch.cat([problem.images] * repeats)[:samples]
    problem.network.train()
    problem.network(images).sum().backward()
