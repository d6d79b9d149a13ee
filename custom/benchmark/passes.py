"""The floor: the forward and backward passes that an attack asks for, and nothing else."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from custom.acceleration import Acceleration, accelerate
from custom.attacks.network_state import frozen
from custom.benchmark.problem import Problem


@dataclass(frozen=True)
class Pass:
    """One call of the network.

    Attributes:
        samples: number of images.
        backward: whether the gradient of the images was wanted.
    """

    samples: int
    backward: bool


class RecordPasses(Acceleration):
    """Accelerates nothing: placed last, it notes every call of the network in ``passes``."""

    def __init__(self) -> None:
        self.passes: list[Pass] = []

    def network(self, network: nn.Module, images: Tensor) -> nn.Module:
        """The network, watched."""
        return _Watched(network, self.passes)


class _Watched(nn.Module):
    """Notes its calls."""

    def __init__(self, network: nn.Module, passes: list[Pass]) -> None:
        super().__init__()
        self.network = network
        self.passes = passes

    def forward(self, images: Tensor) -> Tensor:
        self.passes.append(Pass(len(images), torch.is_grad_enabled() and images.requires_grad))
        logits: Tensor = self.network(images)
        return logits


def attack_floor(passes: Sequence[Pass], problem: Problem, accelerations: Sequence[Acceleration]) -> Callable[[], None]:
    """The passes again, bare: no folding, no norms, no projections, no bookkeeping.

    Args:
        passes: what :class:`RecordPasses` noted.
        problem: network and images.
        accelerations: those of the attack that made the passes, applied beforehand.

    Returns:
        A call that does the passes.
    """
    with frozen(problem.network) as inner:
        network, images = accelerate(accelerations, inner, problem.images)

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
        samples: number of images; more than the batch has: the batch repeated.
    """
    repeats = -(-samples // len(problem.images))
    images = torch.cat([problem.images] * repeats)[:samples]
    problem.network.train()
    problem.network(images).sum().backward()
