"""Pre-trained weights by torchvision's name, or from a local file."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor
from torchvision import models

from custom.networks.checkpoint import read_checkpoint


def pretrained_weights(weights: str | Path, name: str) -> dict[str, Tensor]:
    """Read a state dict for a torchvision model.

    Args:
        weights: the path of a file that :func:`custom.networks.read_checkpoint` reads, or the name of torchvision's
            weights for this model, such as ``IMAGENET1K_V1`` or ``DEFAULT``, which are downloaded to torch's cache.
        name: the torchvision model's name.

    Returns:
        Tensors by key, on the CPU.

    Raises:
        FileNotFoundError: if ``weights`` looks like a path and there is no such file.
        ValueError: if it is neither a path nor a known name, or the file holds no state dict.
        ConnectionError: if the download fails.

    """
    path = Path(weights)
    if path.is_file():
        return read_checkpoint(path).weights
    known = models.get_model_weights(name).__members__
    if str(weights) in known:
        try:
            return dict(known[str(weights)].get_state_dict(progress=False, check_hash=True, map_location="cpu"))
        except (OSError, RuntimeError) as error:
            raise ConnectionError(
                f"The weights {weights} of {name} could not be downloaded ({error}); "
                "pass the path of a local file of weights instead."
            ) from error
    if path.suffix or len(path.parts) > 1:
        raise FileNotFoundError(f"No weights file found at {str(path)!r} (given for {name}).")
    raise ValueError(
        f"weights={str(weights)!r} is neither a file nor a name of torchvision's weights for {name}; "
        f"pass a path, one of {', '.join(known)}, or null for random weights."
    )
