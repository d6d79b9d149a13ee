"""ONNX in int8, and what that costs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import torch
from monai.utils import optional_import
from torch import Tensor, nn

from custom.attacks import Attack
from custom.files import Partial, move_together

quantization, _ = optional_import("onnxruntime.quantization")


def quantize(source: Path, target: Path, batches: Iterable[Tensor]) -> None:
    """Write an ONNX file with int8 weights and activations (``QuantizeLinear`` pairs, a scale for each channel).

    Args:
        source: the file in float32.
        target: the file to write.
        batches: images to find the activations' ranges on, each of shape (B, C, *spatial); not those of a test.
    """
    with closing(Partial(target, folder=True)) as partial:
        prepared, written = partial.path / "prepared.onnx", partial.path / target.name
        # The exporter has inferred all shapes; what is left is to join BatchNorm and ReLU with convolutions.
        quantization.shape_inference.quant_pre_process(str(source), str(prepared), skip_symbolic_shape=True)
        quantization.quantize_static(
            str(prepared),
            str(written),
            _Reader(iter(batches)),
            quant_format=quantization.QuantFormat.QDQ,
            per_channel=True,
        )
        move_together([(written, target)])


class _Reader:
    """Batches as ONNX Runtime's calibration asks for them."""

    def __init__(self, batches: Iterator[Tensor]) -> None:
        self.batches = batches

    def get_next(self) -> dict[str, Any] | None:
        batch = next(self.batches, None)
        return None if batch is None else {"image": batch.numpy()}


def accuracies(
    networks: dict[str, Callable[[Tensor], Tensor]],
    reference: nn.Module,
    attack: Attack,
    batches: Iterable[dict[str, Tensor]],
) -> dict[str, dict[str, float]]:
    """Accuracy of several networks on clean images, and on those that an attack on a reference network made.

    An int8 network has no gradients to attack by, so that it gets the images that fool the network it was made from.

    Args:
        networks: what to compare, by name.
        reference: the network that is attacked.
        attack: makes the adversarial images.
        batches: with ``image`` and ``label``.

    Returns:
        For each network ``clean`` and ``attacked``, in [0, 1].
    """
    right = {name: {"clean": 0, "attacked": 0} for name in networks}
    total = 0
    for batch in batches:
        images, labels = batch["image"], batch["label"]
        variants = {"clean": images, "attacked": attack(reference, images, labels)}
        total += len(labels)
        with torch.no_grad():
            for name, network in networks.items():
                for kind, variant in variants.items():
                    right[name][kind] += int((network(variant).argmax(1) == labels).sum())
    return {name: {kind: count / total for kind, count in counts.items()} for name, counts in right.items()}
