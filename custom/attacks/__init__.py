"""Adversarial attacks in plain torch, of any spatial rank: PGD and its cases, a strong attack, and AutoAttack."""

from custom.attacks.attack import Attack
from custom.attacks.autoattack import AutoAttack
from custom.attacks.ensemble import AttackEnsemble
from custom.attacks.fgsm import FGSM
from custom.attacks.ifgsm import IFGSM
from custom.attacks.losses import AttackLoss
from custom.attacks.minimal_norm import MinimalNormAttack
from custom.attacks.n_fgsm import NFGSM
from custom.attacks.norms import perturbation_norm
from custom.attacks.pgd import PGD
from custom.attacks.projections import project
from custom.attacks.square import SquareAttack
from custom.attacks.stopping import LossReached, Misclassified, StopCriterion
from custom.attacks.strong_attack import StrongAttack
from custom.attacks.trajectory import Trajectory

__all__ = [
    "FGSM",
    "IFGSM",
    "NFGSM",
    "PGD",
    "Attack",
    "AttackEnsemble",
    "AttackLoss",
    "AutoAttack",
    "LossReached",
    "MinimalNormAttack",
    "Misclassified",
    "SquareAttack",
    "StopCriterion",
    "StrongAttack",
    "Trajectory",
    "perturbation_norm",
    "project",
]
