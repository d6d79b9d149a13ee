"""The cases that are compared with one another, and which groups of them make a benchmark."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

import torch

PARTS = ("attack", "accelerations", "training", "scaling", "processes", "loader")
# Scaling compares the steps with the most and with the least to keep; the loader matters most to a short step.
SCALED, SHARED, LOADED = ("at", "dpaat"), "dpaat", ("at", "std")
# The fastest of the networks leaves the loader the least time.
LOADED_NETWORK = "squeezenet1_0"


class Group(NamedTuple):
    """What the cases of one comparison share.

    Attributes:
        part: one of ``PARTS``, and the training method where there is one: ``"training, dpaat"``.
        network: name of the network.
        size: height and width of the images.
        batch_size: number of images.
    """

    part: str
    network: str
    size: int
    batch_size: int

    @property
    def kind(self) -> str:
        """The part without its method."""
        return self.part.partition(", ")[0]

    @property
    def method(self) -> str:
        """Name of the training method, or nothing."""
        return self.part.partition(", ")[2]


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
            if "attack" in parts:
                groups.append(Group("attack", network, size, batch_size))
            if "accelerations" in parts:
                groups.append(Group("accelerations", network, size, batch_size))
            if "training" in parts:
                groups += [Group(f"training, {method}", network, size, batch_size) for method in methods]
    if "scaling" in parts:
        batch_sizes = [max(2, batch_size // 4), max(2, batch_size // 2), batch_size]
        groups += [
            Group(f"scaling, {method}", networks[-1], size, number)
            for size in sizes
            for number in batch_sizes
            for method in SCALED
        ]
    if "processes" in parts and device.type == "cpu":
        groups.append(Group(f"processes, {SHARED}", networks[-1], sizes[0], batch_size))
    if "loader" in parts:
        groups += [Group(f"loader, {method}", LOADED_NETWORK, size, batch_size) for size in sizes for method in LOADED]
    return list(dict.fromkeys(groups))
