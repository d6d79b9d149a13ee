"""What makes an attack faster, one trick a file; an attack is given those to use."""

from custom.attacks.accelerations.acceleration import Acceleration, accelerate
from custom.attacks.accelerations.channels_last import ChannelsLast
from custom.attacks.accelerations.flipped_depthwise import FlippedDepthwise
from custom.attacks.accelerations.fold_batch_norm import FoldBatchNorm
from custom.attacks.accelerations.in_place_relu import InPlaceReLU
from custom.attacks.accelerations.reduced_precision import ReducedPrecision
from custom.attacks.accelerations.strided_stem import StridedStem

__all__ = [
    "Acceleration",
    "ChannelsLast",
    "FlippedDepthwise",
    "FoldBatchNorm",
    "InPlaceReLU",
    "ReducedPrecision",
    "StridedStem",
    "accelerate",
]
