"""An inferer that calls the network on the clean and on the adversarial images."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import NamedTuple

import torch
from monai.inferers import Inferer
from torch import Tensor

from custom.acceleration.autocast import Dtype, call_in, checked_dtype, has_hardware
from custom.acceleration.cpu.strided_depthwise import StridedDepthwiseInFloat32


class AdversarialLogits(NamedTuple):
    """What a loss compares with the labels.

    Attributes:
        clean: logits on the clean images, shape (B, C); ``None`` if not computed.
        adversarial: logits on the adversarial images, shape (B, C); ``None`` if not computed.
        extra: what else the method's loss needs, by name, such as the logits of a teacher.
    """

    clean: Tensor | None
    adversarial: Tensor | None
    extra: Mapping[str, Tensor] = MappingProxyType({})


class AdversarialInferer(Inferer):
    """Call the network on the images and, where the batch has them, on their adversarial counterparts.

    Both halves go through the network in one forward pass, so that BatchNorm normalises them alike, with
    statistics of the two together.

    Args:
        clean: whether the clean images are wanted where there are adversarial ones. Training on adversarial images
            alone (AT) spares their pass.
        autocast: ``"bfloat16"`` or ``"float16"`` to call the network under autocast, ``None`` for 32 bits. Logits come
            back in the precision of the images, and so do losses. A device that would only imitate 16 bits stays
            with 32. Unlike the trainer's ``amp``, which is for GPUs, this works on a CPU too.

    Raises:
        ValueError: when ``autocast`` is neither of the two.

    Example::

        >>> import torch
        >>> from custom.inferers import AdversarialInferer
        >>> network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(12, 3))
        >>> logits = AdversarialInferer()(torch.rand(2, 3, 2, 2), network, image_adv=torch.rand(2, 3, 2, 2))
        >>> logits.clean.shape, logits.adversarial.shape
        (torch.Size([2, 3]), torch.Size([2, 3]))

    """

    def __init__(self, clean: bool = True, autocast: Dtype | None = None) -> None:
        super().__init__()
        self.clean = clean
        self.dtype = None if autocast is None else checked_dtype(autocast)

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
        if self.dtype is not None and has_hardware(self.dtype, inputs.device):
            with StridedDepthwiseInFloat32():
                return self._logits(partial(call_in, self.dtype, network), inputs, image_adv)
        return self._logits(network, inputs, image_adv)

    def _logits(
        self, network: Callable[[Tensor], Tensor], inputs: Tensor, image_adv: Tensor | None
    ) -> AdversarialLogits:
        """The logits wanted, in one pass."""
        if image_adv is None:
            return AdversarialLogits(clean=network(inputs), adversarial=None)
        if not self.clean:
            return AdversarialLogits(clean=None, adversarial=network(image_adv))
        clean, adversarial = network(torch.cat([inputs, image_adv])).chunk(2)
        return AdversarialLogits(clean=clean, adversarial=adversarial)
