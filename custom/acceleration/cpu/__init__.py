"""Accelerations for CPUs only."""

from custom.acceleration.cpu.allocator import freed_memory_kept, keep_freed_memory, release_freed_memory
from custom.acceleration.cpu.flipped_depthwise import FlippedDepthwise
from custom.acceleration.cpu.in_place_relu import InPlaceReLU
from custom.acceleration.cpu.strided_depthwise import StridedDepthwiseInFloat32
from custom.acceleration.cpu.strided_stem import StridedStem

__all__ = [
    "FlippedDepthwise",
    "InPlaceReLU",
    "StridedDepthwiseInFloat32",
    "StridedStem",
    "freed_memory_kept",
    "keep_freed_memory",
    "release_freed_memory",
]
