"""An ONNX file, called like a network."""

from __future__ import annotations

from pathlib import Path

import torch
from monai.utils import optional_import
from torch import Tensor

onnxruntime, _ = optional_import("onnxruntime")


class OnnxNetwork:
    """Run an ONNX file with one input and one output on the CPU.

    Args:
        path: the file.

    Example::

        logits = OnnxNetwork("models/model.onnx")(images)

    """

    def __init__(self, path: str | Path) -> None:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3  # only errors
        options.intra_op_num_threads = torch.get_num_threads()
        self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self.input_name = self.session.get_inputs()[0].name

    def __call__(self, images: Tensor) -> Tensor:
        """Compute the output.

        Args:
            images: float32, as the file's input wants them.

        Returns:
            The output, on the CPU.
        """
        (output,) = self.session.run(None, {self.input_name: images.detach().cpu().numpy()})
        return torch.from_numpy(output)
