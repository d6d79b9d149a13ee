"""What makes attacks and training steps faster; presets name the sets that belong together."""

from custom.acceleration.acceleration import Acceleration, accelerate
from custom.acceleration.channels_last import ChannelsLast, channels_last_network
from custom.acceleration.cpu import FlippedDepthwise, InPlaceReLU, StridedStem, keep_freed_memory
from custom.acceleration.fold_batch_norm import FoldBatchNorm
from custom.acceleration.presets import Accelerations, create_accelerations
from custom.acceleration.reduced_precision import ReducedPrecision

__all__ = [
    "Acceleration",
    "Accelerations",
    "ChannelsLast",
    "FlippedDepthwise",
    "FoldBatchNorm",
    "InPlaceReLU",
    "ReducedPrecision",
    "StridedStem",
    "accelerate",
    "channels_last_network",
    "create_accelerations",
    "keep_freed_memory",
]
