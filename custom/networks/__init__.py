"""Classification networks that take images in [0, 1] and return logits, and their weights."""

from custom.networks.card import NetworkCard
from custom.networks.checkpoint import Checkpoint, load_weights, read_checkpoint, save_checkpoint
from custom.networks.classifier_adapter import ClassifierAdapter
from custom.networks.create_classifier import create_classifier
from custom.networks.definition import build_network, network_definition
from custom.networks.hashing import weights_sha256
from custom.networks.head import classifier_head, head_parameters
from custom.networks.load_classifier import load_classifier, read_card, trained_network
from custom.networks.normalized_classifier import NormalizedClassifier
from custom.networks.safe_load import load_safely
from custom.networks.torchvision_classifier import TorchvisionClassifier
from custom.networks.trial import check_network

__all__ = [
    "Checkpoint",
    "ClassifierAdapter",
    "NetworkCard",
    "NormalizedClassifier",
    "TorchvisionClassifier",
    "build_network",
    "check_network",
    "classifier_head",
    "create_classifier",
    "head_parameters",
    "load_classifier",
    "load_safely",
    "load_weights",
    "network_definition",
    "read_card",
    "read_checkpoint",
    "save_checkpoint",
    "trained_network",
    "weights_sha256",
]
