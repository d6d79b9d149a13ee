"""The card of the network that a config trains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from custom.data import data_hash
from custom.networks import NetworkCard, network_definition
from custom.runs.config import running_parser


def network_card(
    class_names: Sequence[str],
    image_shape: Sequence[int],
    datalist: str,
    intensity: Mapping[str, Any] | None = None,
    seed: int | None = None,
    num_workers: int | None = None,
    spacing: Sequence[float] | None = None,
) -> NetworkCard:
    """Write the card of the network that the config at work defines as ``network_def``.

    Args:
        class_names: in the order of the network's outputs.
        image_shape: channels and spatial size of the images.
        datalist: the data set's ``datalist.json``, all files of which are read for its hash.
        intensity: the intensity window of the images.
        seed: of the training.
        num_workers: processes of its loader.
        spacing: of volumes the distances of their voxels in mm; ``None`` for images.

    Returns:
        The card; without a definition of the network if no parser makes it.
    """
    parser = running_parser()
    return NetworkCard(
        class_names=tuple(class_names),
        image_size=tuple(image_shape[1:]),
        channels=image_shape[0],
        intensity=dict(intensity or {}),
        spacing=None if spacing is None else tuple(spacing),
        network={} if parser is None else network_definition(parser),
        data_sha256=data_hash(datalist),
        seed=seed,
        num_workers=num_workers,
    )
