"""An inferer that calls the network on the clean and on the adversarial images."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from functools import partial
from types import MappingProxyType
from typing import NamedTuple

import ignite.distributed as idist
import torch
from monai.inferers import Inferer
from torch import Tensor, nn

from custom.acceleration.autocast import Dtype, call_in, checked_dtype, has_hardware
from custom.acceleration.cpu.strided_depthwise import StridedDepthwiseInFloat32
from custom.inferers.recomputed import recomputed
from custom.inferers.shared_dropout import shared_dropout


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
    """Call the network on the images and, if the batch has them, on their adversarial counterparts.

    By default both halves go through the network in one forward pass, so that BatchNorm normalizes them alike, with
    the statistics of the two together, as it does in evaluation mode. "Separately injected", as the paper has it, each
    half is normalized with its own statistics; the synchronization loss is then several times as large.

    Args:
        clean: whether the clean images are wanted if there are adversarial ones. Training on adversarial images
            alone (AT) spares their pass.
        autocast: ``"bfloat16"`` or ``"float16"`` to call the network under autocast, ``None`` for float32. Logits come
            back in the precision of the images, and so do losses. A device that would only emulate it stays with
            float32. Unlike the trainer's ``amp``, which is for GPUs, this works on a CPU too.
        joint_pass: whether clean and adversarial images share a forward pass.
        same_dropout: whether an image and its adversarial counterpart lose the same units to dropout.
        activation_checkpointing: whether the clean images' activations are computed again for the backward pass, so
            that those of one half are in memory at a time instead of both. It changes nothing but the time (one more
            forward pass), needs two passes, and works in one process.

    Raises:
        ValueError: when ``autocast`` is neither of the two, or activation checkpointing cannot be had.

    Example::

        >>> import torch
        >>> from custom.inferers import AdversarialInferer
        >>> network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(12, 3))
        >>> logits = AdversarialInferer()(torch.rand(2, 3, 2, 2), network, image_adv=torch.rand(2, 3, 2, 2))
        >>> logits.clean.shape, logits.adversarial.shape
        (torch.Size([2, 3]), torch.Size([2, 3]))

    """

    further_networks: tuple[nn.Module, ...] = ()
    """What a call runs beside the network given."""

    def __init__(
        self,
        clean: bool = True,
        autocast: Dtype | None = None,
        joint_pass: bool = True,
        same_dropout: bool = True,
        activation_checkpointing: bool = False,
    ) -> None:
        super().__init__()
        if activation_checkpointing and joint_pass:
            raise ValueError("activation_checkpointing needs a pass for each half; pass joint_pass False, too.")
        if activation_checkpointing and idist.get_world_size() > 1:
            raise ValueError("activation_checkpointing works in one process; train in one, or leave it out.")
        self.activation_checkpointing = activation_checkpointing
        self.clean = clean
        self.joint_pass = joint_pass
        self.same_dropout = same_dropout
        self.dtype = None if autocast is None else checked_dtype(autocast)

    def __call__(
        self, inputs: Tensor, network: Callable[[Tensor], Tensor], *, image_adv: Tensor | None = None
    ) -> AdversarialLogits:
        """Compute the logits of one batch.

        Args:
            inputs: clean images in [0, 1], shape (B, C, *spatial).
            network: maps images to logits.
            image_adv: adversarial images of the same shape, or ``None`` if there was no attack.

        Returns:
            The logits; ``adversarial`` is ``None`` without ``image_adv``.

        """
        joint = image_adv is not None and self.clean and self.joint_pass and self.same_dropout
        with shared_dropout(network, 2) if joint and isinstance(network, nn.Module) else nullcontext():
            call = network
            if self.dtype is not None and has_hardware(self.dtype, inputs.device):
                call = partial(_call_in, self.dtype, network)
            first = partial(recomputed, call, network) if self.activation_checkpointing else call
            return self._logits(call, first, inputs, image_adv)

    def _logits(
        self,
        network: Callable[[Tensor], Tensor],
        first: Callable[[Tensor], Tensor],
        inputs: Tensor,
        image_adv: Tensor | None,
    ) -> AdversarialLogits:
        """The logits that the loss needs; ``first`` is the network in the first of two passes."""
        if image_adv is None:
            return AdversarialLogits(clean=network(inputs), adversarial=None)
        if not self.clean:
            return AdversarialLogits(clean=None, adversarial=network(image_adv))
        return AdversarialLogits(*self._both(network, first, inputs, image_adv))

    def _both(
        self,
        network: Callable[[Tensor], Tensor],
        first: Callable[[Tensor], Tensor],
        inputs: Tensor,
        image_adv: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """The logits on both halves, in one pass or two."""
        if self.joint_pass:
            clean, adversarial = network(torch.cat([inputs, image_adv])).chunk(2)
            return clean, adversarial
        devices = [inputs.device] if inputs.is_cuda else []
        # Dropout draws from torch's generator: the first pass does so from a copy of its state.
        with torch.random.fork_rng(devices, enabled=self.same_dropout):
            # The clean images come first: the pass that comes last goes backward first, and frees its activations.
            clean = first(inputs)
        return clean, network(image_adv)


def _call_in(dtype: torch.dtype, network: Callable[[Tensor], Tensor], images: Tensor) -> Tensor:
    """The logits of a training pass under autocast."""
    with StridedDepthwiseInFloat32():
        return call_in(dtype, network, images)
