"""Losses of adversarial training."""

from custom.losses.adversarial import AdversarialLoss
from custom.losses.synchronization import SynchronizationLoss

__all__ = ["AdversarialLoss", "SynchronizationLoss"]
