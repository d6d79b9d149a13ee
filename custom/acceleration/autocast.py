"""Which devices compute in bfloat16 or float16, and networks called in them."""

from collections.abc import Callable
from typing import Literal, get_args

import torch
from torch import Tensor

Dtype = Literal["bfloat16", "float16"]


def checked_dtype(dtype: str) -> torch.dtype:
    """The dtype of torch with one of the two names.

    Raises:
        ValueError: ``dtype`` is neither.
    """
    if dtype not in get_args(Dtype):
        raise ValueError(f"Unknown dtype {dtype!r}; use one of {', '.join(get_args(Dtype))}.")
    found: torch.dtype = getattr(torch, dtype)
    return found


def has_hardware(dtype: torch.dtype, device: torch.device) -> bool:
    """Whether a device computes with ``bfloat16`` or ``float16`` itself, as far as torch tells.

    Others emulate it, many times slower than float32.
    """
    if device.type == "cuda":
        return dtype == torch.float16 or torch.cuda.is_bf16_supported(including_emulation=False)
    if device.type == "cpu":
        own = torch.ops.mkldnn
        return bool(own._is_mkldnn_bf16_supported() if dtype == torch.bfloat16 else own._is_mkldnn_fp16_supported())
    return True


def call_in(dtype: torch.dtype, network: Callable[[Tensor], Tensor], images: Tensor) -> Tensor:
    """Call a network under autocast.

    Args:
        dtype: bfloat16 or float16.
        network: maps images to logits.
        images: (B, C, *spatial).

    Returns:
        The logits, in the precision of the images.
    """
    with torch.autocast(images.device.type, dtype):
        logits = network(images)
    return logits.to(images.dtype)
