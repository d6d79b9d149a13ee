"""Losses of adversarial training."""

from custom.losses.adversarial import AdversarialLoss
from custom.losses.base import TrainingLoss
from custom.losses.cfa import CFALoss
from custom.losses.divergence import kl_divergence
from custom.losses.hat import HATLoss
from custom.losses.lbgat import LBGATLoss
from custom.losses.mart import MARTLoss
from custom.losses.synchronization import SynchronizationLoss
from custom.losses.trades import TRADESLoss

__all__ = [
    "AdversarialLoss",
    "CFALoss",
    "HATLoss",
    "LBGATLoss",
    "MARTLoss",
    "SynchronizationLoss",
    "TRADESLoss",
    "TrainingLoss",
    "kl_divergence",
]
