"""A trained network as a program that runs without this package."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import torch
from monai.networks.utils import convert_to_torchscript
from torch import Tensor, nn

from custom.export.onnx_network import OnnxNetwork
from custom.files import Partial, move_together

TOLERANCE = 1e-4
"""How far a logit of an exported network may be from the network's own."""


def to_torchscript(network: nn.Module, images: Tensor, path: Path) -> Callable[[Tensor], Tensor]:
    """Write TorchScript, for batches and images of any size.

    Args:
        network: the network, in evaluation mode.
        images: not needed, as TorchScript is made from the source.
        path: the file to write.

    Returns:
        The program, read back.
    """
    with warnings.catch_warnings():
        # TorchScript is on its way out, but the Model Zoo still asks for it.
        warnings.filterwarnings("ignore", category=FutureWarning, module="torch.jit")
        buffer = io.BytesIO()
        convert_to_torchscript(network, filename_or_obj=buffer)
        # Not by PyTorch, which a full disk makes end the process with a signal.
        path.write_bytes(buffer.getvalue())
        return torch.jit.load(str(path))


def to_exported_program(network: nn.Module, images: Tensor, path: Path) -> Callable[[Tensor], Tensor]:
    """Write a program of ``torch.export``, for batches of any size.

    Args:
        network: the network, in evaluation mode.
        images: an example batch of at least two, shape (B, C, *spatial); the program takes images of that size.
        path: the file to write.

    Returns:
        The program, read back.
    """
    program = torch.export.export(network, (images,), dynamic_shapes=({0: torch.export.Dim("batch")},))
    buffer = io.BytesIO()
    torch.export.save(program, buffer)
    path.write_bytes(buffer.getvalue())
    return torch.export.load(path).module()


def to_onnx(network: nn.Module, images: Tensor, path: Path) -> Callable[[Tensor], Tensor]:
    """Write ONNX, for batches of any size, with the input ``image`` and the output ``pred`` as in the metadata.

    Args:
        network: the network, in evaluation mode.
        images: an example batch of at least two, shape (B, C, *spatial); the program takes images of that size.
        path: the file to write.

    Returns:
        The program, read back.
    """
    torch.onnx.export(
        network,
        (images,),
        path,
        dynamo=True,
        dynamic_shapes=({0: torch.export.Dim("batch")},),
        input_names=["image"],
        output_names=["pred"],
        external_data=False,
        verbose=False,
    )
    return OnnxNetwork(path)


FORMATS: dict[str, tuple[str, Callable[[nn.Module, Tensor, Path], Callable[[Tensor], Tensor]]]] = {
    "torchscript": (".ts", to_torchscript),
    "pt2": (".pt2", to_exported_program),
    "onnx": (".onnx", to_onnx),
}
"""The formats by name, each with its files' suffix and what writes it."""


@torch.no_grad()
def export_network(network: nn.Module, images: Tensor, name: str, path: Path) -> float:
    """Write a network in one of the formats, and compare it with the network on batches of two sizes.

    Args:
        network: the network; left in evaluation mode.
        images: real images to compare on, shape (B, C, *spatial), in [0, 1].
        name: of the format, one of `FORMATS`.
        path: the file to write.

    Returns:
        The largest difference between logits.

    Raises:
        ValueError: if the program's logits are not the network's, or the network's are not finite.
        OSError: if the file cannot be written. In both cases an earlier file stays as it was.
    """
    network.eval()
    expected = [(batch, network(batch)) for batch in (images, images[:1])]
    if not all(bool(logits.isfinite().all()) for _, logits in expected):
        raise ValueError(f"{path} is not written: the network returns NaN or infinity.")
    with closing(Partial(path, folder=True)) as partial:
        written = partial.path / path.name
        # The example may become part of the file, so it is no patient's image.
        program = FORMATS[name][1](network, torch.zeros(2, *images.shape[1:]), written)
        differences = [(program(batch) - logits).abs().max().item() for batch, logits in expected]
        if not max(differences) <= TOLERANCE:
            raise ValueError(f"{path} would give other logits than the network, by up to {max(differences):.2g}.")
        move_together([(written, path)])
    return max(differences)
