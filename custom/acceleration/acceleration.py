"""What makes an attack faster without being part of its definition."""

from abc import ABC
from collections.abc import Sequence

from torch import Tensor, nn


class Acceleration(ABC):  # noqa: B024
    """A change that an attack applies, before its first step, to its network and to the images.

    A subclass overrides :meth:`network`, :meth:`images` or both. Neither may change what it is given: it
    returns the same object or another one.

    Attributes:
        exact: the logits and gradients stay those of the network up to the rounding of float32. Losses that a
            training method builds on are computed with only the exact accelerations.
    """

    exact: bool = True

    def network(self, network: nn.Module, images: Tensor) -> nn.Module:
        """A faster network with the same logits.

        Args:
            network: the network under attack, in the mode to attack in; its parameters require no gradient.
            images: images (B, C, *spatial) that it is about to see.

        Returns:
            A module to call instead.
        """
        return network

    def images(self, images: Tensor) -> Tensor:
        """The same images in a faster layout."""
        return images


def accelerate(accelerations: Sequence[Acceleration], network: nn.Module, images: Tensor) -> tuple[nn.Module, Tensor]:
    """Apply accelerations one after the other.

    Args:
        accelerations: what to apply, in this order.
        network: the network under attack.
        images: images (B, C, *spatial).

    Returns:
        The network to call and the images to start from.
    """
    for acceleration in accelerations:
        images = acceleration.images(images)
        network = acceleration.network(network, images)
    return network, images
