"""The rules of a plan: from a data set's properties to settings, each with its reason."""

from __future__ import annotations

from statistics import median

from custom.counts import counted
from custom.planning.decision import Decision
from custom.planning.epsilon import LEVELS, PAPER_EPSILON, PAPER_SIZE, rounding_norm, scaled_epsilon, spread_evenly
from custom.planning.fingerprint import DatasetFingerprint
from custom.planning.memory import StepMemory

STRIDE = 32
"""Classifiers halve an image five times."""
ELONGATED = 1.5
"""Ratio of the sides from which a resize to a square would distort too much."""
UNEVEN = 1.5
"""Ratio of the largest to the smallest class from which accuracy is mostly that of the largest class."""
RARE = 3
"""The same ratio from which classes are drawn equally often."""
LARGEST_BATCH = 32
"""The paper's."""
SMALLEST_BATCH = 8
"""Batch normalization needs some images."""
LEAST_STEPS = 10
"""Steps of an epoch below which batches get smaller."""


def choose_image_size(data: DatasetFingerprint, given: int | None = None, backbone: str = "") -> Decision:
    """Choose the edge of the square images: the paper's, unless the images are smaller.

    Args:
        data: the data set.
        given: the size that the user wants.
        backbone: the network, of which Inception v3 needs 299.
    """
    side = data.shorter_side
    if given is not None:
        return Decision("image_size", given, f"As given; the images' shorter side is {side:g} pixels in the median.")
    if backbone == "inception_v3":
        return Decision("image_size", 299, "Inception v3 is made for 299 x 299.")
    found = f"The images' shorter side is {side:g} pixels in the median"
    if side >= PAPER_SIZE:
        return Decision("image_size", PAPER_SIZE, f"{found}: {PAPER_SIZE}, the paper's size, loses the least.")
    size = max(STRIDE, int(side) // STRIDE * STRIDE)
    told = "the largest multiple of 32 that enlarges nothing" if size <= side else "the smallest that networks take"
    return Decision("image_size", size, f"{found}: {size} is {told} (networks halve an image five times).")


def choose_crop(data: DatasetFingerprint) -> Decision:
    """Choose whether the center square is taken, or the whole image resized to a square."""
    ratio = data.elongation
    share = 1 / ratio
    if ratio < 1.02:
        return Decision("crop", None, "The images are square.")
    if ratio <= ELONGATED:
        return Decision(
            "crop",
            None,
            f"The longer side is {ratio:.2f} times the shorter one in the median: the whole image is resized to a "
            f"square, which squeezes it by as much; 'square' keeps proportions and the {share:.0%} in the center.",
        )
    return Decision(
        "crop",
        "square",
        f"The longer side is {ratio:.2f} times the shorter one in the median: resizing "
        f"to a square would distort it that much. The center square keeps {share:.0%} of the image; null keeps all of "
        "it, distorted.",
    )


def choose_intensity(data: DatasetFingerprint) -> Decision:
    """State the intensity window, which the data set declares."""
    window = data.window
    level = (window.high - window.low) / LEVELS
    unit = "" if level == 1 else f" One gray level of 255 is {level:.4g} stored units."
    used = (min(data.high, window.high) - max(data.low, window.low)) / (window.high - window.low)
    narrow = f" Only {used:.0%} of the window are used: a narrower one would show more." if used < 0.5 else ""
    return Decision(
        "intensity",
        window.as_dict(),
        f"The data set's window: {window.low:g} becomes 0 and {window.high:g} becomes 1; the values lie between "
        f"{data.low:g} and {data.high:g}.{unit}{narrow}",
    )


def choose_epsilon(size: int, norm: str) -> Decision:
    """Choose the radius of the attack for a resolution.

    Args:
        size: edge of the square images in pixels.
        norm: ``l2`` or ``linf``.
    """
    if norm == "linf":
        return Decision(
            "epsilon",
            round(1 / LEVELS, 5),
            f"Each value may change by one gray level of {LEVELS}, at any resolution: the least that an 8-bit image "
            "can show. Networks trained on natural images often get 4 to 8 levels.",
        )
    epsilon = float(f"{scaled_epsilon(size):.3g}")
    kept = spread_evenly(epsilon, size)
    if size == PAPER_SIZE:
        told = (
            f"The paper's radius at the paper's size: spread evenly it changes each value by {kept:.2f} of {LEVELS} "
            "gray levels"
        )
    else:
        told = (
            f"The paper's {PAPER_EPSILON} at {PAPER_SIZE} x {PAPER_SIZE}, scaled by the ratio of the sides: spread "
            f"evenly it changes each value by {kept:.2f} of {LEVELS} gray levels at either size"
        )
    return Decision("epsilon", epsilon, f"{told}. {_compare(epsilon, size)}")


def explain_epsilon(epsilon: float, norm: str, size: int) -> str:
    """Say what a radius is in gray levels.

    Args:
        epsilon: the radius, for images in [0, 1].
        norm: ``l2`` or ``linf``.
        size: edge of the square images in pixels.
    """
    if norm == "linf":
        return f"Each value may change by {LEVELS * epsilon:.2f} of {LEVELS} gray levels."
    even = spread_evenly(epsilon, size)
    return f"Spread evenly it changes each value by {even:.2f} of {LEVELS} gray levels. {_compare(epsilon, size)}"


def _compare(epsilon: float, size: int) -> str:
    """What an l2 radius is on one pixel, and beside rounding."""
    pixel = min(LEVELS, LEVELS * epsilon / 3**0.5)
    rounding = rounding_norm(size)
    than = "more" if rounding > epsilon else "less"
    return (
        f"On a single pixel it is {pixel:.0f} gray levels in each channel. Saving an image with 8 bits changes it by "
        f"{rounding:.2g}, {than} than that."
    )


def choose_batch_size(data: DatasetFingerprint, step: StepMemory, memory: int) -> Decision:
    """Choose the largest batch up to the paper's that fits the memory and leaves enough steps per epoch.

    Args:
        data: the data set.
        step: what a step takes.
        memory: bytes there are, half of which may be used.
    """
    number = data.images["training"]
    chosen, why = LARGEST_BATCH, "the paper's"
    while chosen > SMALLEST_BATCH and number < LEAST_STEPS * chosen:
        chosen //= 2
        why = f"an epoch of {number} images has {counted(-(-number // chosen), 'step')}"
    while chosen > 2 and 2 * step.of(chosen) > memory:
        chosen //= 2
        why = "the largest that half of the memory holds"
    needed = step.of(chosen)
    return Decision(
        "batch_size",
        chosen,
        f"{chosen}: {why}. A step takes about {needed / 2**30:.2g} GiB of {memory / 2**30:.3g} GiB here.",
    )


def choose_cache_rate(data: DatasetFingerprint, size: int, memory: int) -> Decision:
    """Choose the share of the images that stay in memory: all, or as many as an eighth of it holds.

    Args:
        data: the data set.
        size: edge of the square images in pixels.
        memory: bytes of this machine.
    """
    number = data.images["training"] + data.images.get("validation", 0)
    needed = number * 3 * size**2 * 4
    rate = min(1.0, int(100 * memory / 8 / needed) / 100)
    told = f"{number} images of {size} x {size} take {needed / 2**30:.2g} GiB in memory"
    if rate == 1:
        return Decision("cache_rate", 1.0, f"{told}: all are kept there, and read once.")
    return Decision("cache_rate", rate, f"{told}: {rate:.0%} of them are kept there, the others read in every epoch.")


def choose_sampling(data: DatasetFingerprint) -> Decision:
    """Choose whether every class is drawn equally often."""
    ratio = data.imbalance
    counts = ", ".join(f"{name} {count}" for name, count in zip(data.classes, data.counts, strict=True))
    if ratio < RARE:
        return Decision("balanced_sampling", False, f"The classes are of similar size: {counts}.")
    repeats = round(sum(data.counts) / len(data.counts) / min(data.counts))
    return Decision(
        "balanced_sampling",
        True,
        f"The largest class has {ratio:.1f} times as many training images as the smallest ({counts}): each class is "
        f"drawn equally often, an image of the smallest about {repeats} times an epoch.",
    )


def choose_selection(data: DatasetFingerprint, method: str) -> Decision:
    """Choose the metric by which the best epoch is chosen.

    Args:
        data: the data set.
        method: the training method; standard training is chosen only by clean images.
    """
    standard = method == "std"
    images = "clean validation images" if standard else "clean and attacked validation images"
    if data.imbalance < UNEVEN:
        key = "val_accuracy_clean" if standard else "val_accuracy_mean"
        return Decision("selection", key, f"The best epoch is chosen by accuracy on {images}; the classes are alike.")
    key = "val_balanced_accuracy" if standard else "val_balanced_accuracy_mean"
    return Decision(
        "selection",
        key,
        f"The best epoch is chosen by the mean of the classes' recalls on {images}: plain accuracy would be mostly "
        "that of the largest class.",
    )


def describe_data(data: DatasetFingerprint) -> list[str]:
    """Sentences on the data set, for the head of a plan."""
    widths, heights = ([size[axis] for size in data.sizes] for axis in (0, 1))
    numbers = ", ".join(f"{number} {split}" for split, number in data.images.items())
    size = f"{median(widths):g} x {median(heights):g} pixels in the median"
    if len(set(data.sizes)) == 1:
        size = f"all {widths[0]} x {heights[0]} pixels"
    gray = {0: "in color", len(data.sizes): "monochrome"}.get(data.gray, f"{data.gray} of them monochrome")
    return [
        f"{numbers} images of {len(data.classes)} classes: {', '.join(data.classes)}.",
        f"Of {counted(len(data.sizes), 'training image')} read: {size}, {gray}, {data.window.bits} bits per sample.",
        "Networks get 3 channels; a monochrome image is repeated in all of them."
        if data.gray
        else "Networks get 3 channels: red, green and blue.",
    ]
