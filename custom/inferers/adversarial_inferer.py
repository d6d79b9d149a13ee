"""An inferer that calls the network on the clean and on the adversarial images."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from monai.inferers import Inferer
from torch import Tensor


class AdversarialLogits(NamedTuple):
    """Logits on the clean and on the adversarial images, each of shape (B, C), or ``None`` where not computed."""

    clean: Tensor | None
    adversarial: Tensor | None


class AdversarialInferer(Inferer):
    """Call the network on the images and, where the batch has them, on their adversarial counterparts.

    Both halves go through the network in one forward pass, so that BatchNorm normalises them alike, with
    statistics of the two together.

    Args:
        clean: whether the clean images are wanted where there are adversarial ones. Training on adversarial images
            alone (AT) spares their pass.

    Example::

        >>> import torch
        >>> from custom.inferers import AdversarialInferer
        >>> network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(12, 3))
        >>> logits = AdversarialInferer()(torch.rand(2, 3, 2, 2), network, image_adv=torch.rand(2, 3, 2, 2))
        >>> logits.clean.shape, logits.adversarial.shape
        (torch.Size([2, 3]), torch.Size([2, 3]))

    """

    def __init__(self, clean: bool = True) -> None:
        super().__init__()
        self.clean = clean

    def __call__(
        self, inputs: Tensor, network: Callable[[Tensor], Tensor], *, image_adv: Tensor | None = None
    ) -> AdversarialLogits:
        """Compute the logits of one batch.

        Args:
            inputs: clean images in [0, 1], shape (B, C, *spatial).
            network: maps images to logits.
            image_adv: adversarial images of the same shape, or ``None`` where there was no attack.

        Returns:
            The logits; ``adversarial`` is ``None`` without ``image_adv``.

        """
        if image_adv is None:
            return AdversarialLogits(clean=network(inputs), adversarial=None)
        if not self.clean:
            return AdversarialLogits(clean=None, adversarial=network(image_adv))
        clean, adversarial = network(torch.cat([inputs, image_adv])).chunk(2)
        return AdversarialLogits(clean=clean, adversarial=adversarial)
