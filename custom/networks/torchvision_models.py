"""torchvision's classification models, importable also where its compiled operators do not fit torch.

The registry's torchvision wheels for Linux are built against CUDA. Beside a CPU-only torch their operators
(NMS, RoI pooling) cannot be loaded, and importing torchvision then stops at the first two that are missing.
Classification networks use none of them, so their signatures alone are declared here and the import succeeds.
"""

from __future__ import annotations

import torch

try:
    import torchvision  # noqa: F401
except RuntimeError as error:
    if "operator torchvision::" not in str(error):
        raise
    # Kept in a module variable: the declarations vanish with the library object.
    _OPERATORS = torch.library.Library("torchvision", "FRAGMENT")
    for _name in ("nms", "qnms"):
        _OPERATORS.define(f"{_name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

from torchvision import models

__all__ = ["models"]
