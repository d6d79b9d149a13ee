"""From a training's output to what others can use: a self-contained bundle, TorchScript, torch.export and ONNX."""

from custom.export.bundle import ExportedBundle, export_bundle
from custom.export.trained_run import TrainedRun, read_run

__all__ = ["ExportedBundle", "TrainedRun", "export_bundle", "read_run"]
