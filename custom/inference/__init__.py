"""Inference on image files, with parts that MONAI does not have: which files, which of them fail, and the results."""

from custom.inference.find_images import find_images
from custom.inference.prediction_table import PredictionTable
from custom.inference.tolerant_dataset import TolerantDataset

__all__ = ["PredictionTable", "TolerantDataset", "find_images"]
