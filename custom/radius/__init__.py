"""Rules that choose the perturbation radius epsilon_i of every sample: pure functions of losses, norms, predictions."""

from custom.radius.amat import amat_radius
from custom.radius.cfa import cfa_radius
from custom.radius.dpaat import DPAATRadius, dpaat_radius
from custom.radius.iaat import iaat_radius
from custom.radius.ima import ima_radius
from custom.radius.mwpb import mwpb_radius
from custom.radius.table import RadiusTable
from custom.radius.xi import image_losses, robust_upper_end

__all__ = [
    "DPAATRadius",
    "RadiusTable",
    "amat_radius",
    "cfa_radius",
    "dpaat_radius",
    "iaat_radius",
    "ima_radius",
    "image_losses",
    "mwpb_radius",
    "robust_upper_end",
]
