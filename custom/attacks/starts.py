"""Random perturbations to start an attack from, drawn on the CPU, so that a seed means the same on every device."""

import torch
from torch import Tensor

from custom.attacks.checks import check_count, check_not_negative
from custom.attacks.norms import Norm, per_sample, perturbation_norm
from custom.attacks.projections import TINY


def gaussian(images: Tensor, generator: torch.Generator) -> Tensor:
    """Standard normal noise, (B, C, *spatial)."""
    return torch.randn(images.shape, generator=generator).to(images)


def uniform_in_ball(images: Tensor, epsilon: Tensor, norm: Norm, generator: torch.Generator) -> Tensor:
    """Perturbations drawn uniformly from every sample's ball.

    Args:
        images: (B, C, *spatial), for shape, dtype and device.
        epsilon: radii (B,).
        norm: norm of the ball.
        generator: source of the random numbers.

    Returns:
        Perturbations (B, C, *spatial).
    """
    if norm == "linf":
        noise = torch.rand(images.shape, generator=generator).to(images) * 2 - 1
    else:
        noise = gaussian(images, generator)
        # The share of a ball's volume within a fraction r of its radius is r to the number of dimensions.
        fraction = torch.rand(len(images), generator=generator).to(images) ** (1 / images[0].numel())
        noise = noise * per_sample(fraction / perturbation_norm(noise).clamp_min(TINY), images)
    return per_sample(epsilon, images) * noise


def check_start(*, random_start: bool, noise: float, restarts: int, stationary: object = None) -> None:
    """Raise unless the kind and number of starts fit each other and the loss.

    Args:
        random_start: whether to start from a random point of the ball.
        noise: standard deviation of Gaussian noise to start from.
        restarts: number of starts.
        stationary: the loss if it has no gradient at the image itself, else ``None``.

    Raises:
        ValueError: so they do not.
    """
    check_not_negative("start_noise", noise)
    check_count("restarts", restarts)
    if random_start and noise:
        raise ValueError("Pass random_start or start_noise, not both.")
    if restarts > 1 and not random_start:
        raise ValueError(f"restarts must be 1, or more with random_start, not {restarts}.")
    if stationary is not None and not (random_start or noise):
        raise ValueError(f"The loss {stationary!r} has no gradient at the image; pass random_start or start_noise.")
