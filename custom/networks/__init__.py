"""Classification networks that take images in [0, 1] and return logits, and their weights."""

from custom.networks.card import NetworkCard
from custom.networks.checkpoint import Checkpoint, load_weights, read_checkpoint, save_checkpoint
from custom.networks.hashing import weights_sha256
from custom.networks.head import classifier_head, head_parameters
from custom.networks.normalized_classifier import NormalizedClassifier
from custom.networks.safe_load import load_safely
from custom.networks.torchvision_classifier import TorchvisionClassifier

__all__ = [
    "Checkpoint",
    "NetworkCard",
    "NormalizedClassifier",
    "TorchvisionClassifier",
    "classifier_head",
    "head_parameters",
    "load_safely",
    "load_weights",
    "read_checkpoint",
    "save_checkpoint",
    "weights_sha256",
]
