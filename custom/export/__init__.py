"""From a training's output to what others can use: a self-contained bundle, TorchScript, torch.export and ONNX."""

from custom.export.bundle import ExportedBundle, export_bundle

__all__ = ["ExportedBundle", "export_bundle"]
