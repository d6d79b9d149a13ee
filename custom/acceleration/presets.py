"""Sets of accelerations by name."""

from collections.abc import Callable, Sequence

from custom.acceleration.acceleration import Acceleration
from custom.acceleration.channels_last import ChannelsLast
from custom.acceleration.cpu.flipped_depthwise import FlippedDepthwise
from custom.acceleration.cpu.in_place_relu import InPlaceReLU
from custom.acceleration.cpu.strided_stem import StridedStem
from custom.acceleration.fold_batch_norm import FoldBatchNorm
from custom.acceleration.reduced_precision import ReducedPrecision

# The name of a preset, or the accelerations themselves.
Accelerations = str | Sequence[Acceleration]

PRESETS: dict[str, tuple[Callable[[], Acceleration], ...]] = {
    "none": (),
    "exact": (FoldBatchNorm, StridedStem, InPlaceReLU, ChannelsLast),
    "bfloat16": (FoldBatchNorm, StridedStem, InPlaceReLU, FlippedDepthwise, ChannelsLast, ReducedPrecision),
}


def create_accelerations(wanted: Accelerations) -> tuple[Acceleration, ...]:
    """The accelerations of a preset.

    Args:
        wanted: ``"none"``; ``"exact"``, all that keep the results up to the rounding of float32; ``"bfloat16"``,
            those and reduced precision on hardware that has it; or a sequence of accelerations, which is returned
            as it is.

    Returns:
        New objects, in the order in which they are applied.

    Raises:
        ValueError: no preset has that name.

    Example:
        >>> [type(acceleration).__name__ for acceleration in create_accelerations("exact")]
        ['FoldBatchNorm', 'StridedStem', 'InPlaceReLU', 'ChannelsLast']
    """
    if not isinstance(wanted, str):
        return tuple(wanted)
    if wanted not in PRESETS:
        raise ValueError(f"Unknown accelerations {wanted!r}; use one of {', '.join(PRESETS)}.")
    return tuple(create() for create in PRESETS[wanted])
