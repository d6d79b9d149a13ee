"""What makes an attack faster, one trick a file; an attack is given those to use."""

from custom.attacks.accelerations.acceleration import Acceleration, accelerate
from custom.attacks.accelerations.channels_last import ChannelsLast
from custom.attacks.accelerations.fold_batch_norm import FoldBatchNorm
from custom.attacks.accelerations.in_place_relu6 import InPlaceReLU6
from custom.attacks.accelerations.reduced_precision import ReducedPrecision, has_hardware
from custom.attacks.accelerations.strided_stem import StridedStem

__all__ = [
    "Acceleration",
    "ChannelsLast",
    "FoldBatchNorm",
    "InPlaceReLU6",
    "ReducedPrecision",
    "StridedStem",
    "accelerate",
    "has_hardware",
]
