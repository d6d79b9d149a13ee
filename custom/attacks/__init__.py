"""Attacks: FGSM, iterated FGSM and PGD in plain torch, of any spatial rank, and AutoAttack."""

from custom.attacks.attack import Attack
from custom.attacks.autoattack import AutoAttack
from custom.attacks.fgsm import FGSM
from custom.attacks.ifgsm import IFGSM
from custom.attacks.norms import perturbation_norm
from custom.attacks.pgd import PGD
from custom.attacks.projections import project
from custom.attacks.square import SquareAttack
from custom.attacks.trajectory import Trajectory

__all__ = [
    "FGSM",
    "IFGSM",
    "PGD",
    "Attack",
    "AutoAttack",
    "SquareAttack",
    "Trajectory",
    "perturbation_norm",
    "project",
]
