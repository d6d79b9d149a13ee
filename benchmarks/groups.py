"""The comparisons that make a benchmark."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

import torch

PARTS = ("attack", "accelerations", "training", "methods", "scaling", "processes", "loader")
# Scaling compares the steps that keep the most and the least in memory, and one that recomputes a half; the loader
# matters most to a short step.
SCALED, SHARED, LOADED = ("at", "dpaat", "dpaat, checkpointed"), "dpaat", ("at", "std")
# The fastest of the networks leaves the loader the least time.
LOADED_NETWORK = "squeezenet1_0"


class Group(NamedTuple):
    """What the cases of one comparison share.

    Attributes:
        part: one of ``PARTS``.
        method: name of the training method, or nothing.
        network: name of the network.
        size: height and width of the images.
        batch_size: number of images.
    """

    part: str
    method: str
    network: str
    size: int
    batch_size: int


def planned_groups(
    parts: Collection[str],
    networks: Sequence[str],
    sizes: Sequence[int],
    batch_size: int,
    methods: Sequence[str],
    device: torch.device,
) -> list[Group]:
    """All groups of a benchmark, in the order to measure them in.

    Args:
        parts: which of ``PARTS``.
        networks: names of the networks; scaling and processes take the last one.
        sizes: heights and widths of the images; processes take the first one.
        batch_size: number of images; scaling takes a quarter and a half of it, too.
        methods: training methods of the part ``training``.
        device: where to compute; only a CPU's threads can be shared by processes.

    Returns:
        The groups, each once.
    """
    groups = []
    for network in networks:
        for size in sizes:
            for part in PARTS[:4]:
                if part in parts:
                    names = methods if part == "training" else [""]
                    groups += [Group(part, name, network, size, batch_size) for name in names]
    if "scaling" in parts:
        batch_sizes = [max(2, batch_size // 4), max(2, batch_size // 2), batch_size]
        groups += [
            Group("scaling", method, networks[-1], size, number)
            for size in sizes
            for number in batch_sizes
            for method in SCALED
        ]
    if "processes" in parts and device.type == "cpu":
        groups.append(Group("processes", SHARED, networks[-1], sizes[0], batch_size))
    if "loader" in parts:
        groups += [Group("loader", method, LOADED_NETWORK, size, batch_size) for size in sizes for method in LOADED]
    return list(dict.fromkeys(groups))
