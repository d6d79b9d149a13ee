"""Rules that choose the perturbation radius epsilon_i of every sample: pure functions of losses and norms."""

from custom.radius.amat import amat_radius
from custom.radius.dpaat import DPAATRadius, dpaat_radius
from custom.radius.table import RadiusTable
from custom.radius.xi import mean_attacked_loss

__all__ = ["DPAATRadius", "RadiusTable", "amat_radius", "dpaat_radius", "mean_attacked_loss"]
