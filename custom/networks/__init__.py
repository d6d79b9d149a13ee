"""Classification networks that take images in [0, 1] and return logits."""

from custom.networks.head import classifier_head, head_parameters
from custom.networks.normalized_classifier import NormalizedClassifier
from custom.networks.torchvision_classifier import TorchvisionClassifier

__all__ = ["NormalizedClassifier", "TorchvisionClassifier", "classifier_head", "head_parameters"]
