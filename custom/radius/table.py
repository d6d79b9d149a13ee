"""The radii that AMAT, IAAT and IMA keep, one per training image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import ignite.distributed as idist
import torch
from torch import Tensor


class RadiusTable:
    """A radius epsilon_i for every image, by the image's name: the part of a method that outlives an epoch.

    With several processes an image may be another's in the next epoch, so :meth:`exchange` tells all of them of
    this epoch's changes.

    Example::

        >>> import torch
        >>> from custom.radius import RadiusTable
        >>> table = RadiusTable()
        >>> table.update(["a"], torch.tensor([0.25]))
        >>> table.lookup(["a", "b"], default=0.5)
        tensor([0.2500, 0.5000], dtype=torch.float64)

    """

    def __init__(self) -> None:
        self._epsilon: dict[str, float] = {}
        self._changed: set[str] = set()

    def __len__(self) -> int:
        return len(self._epsilon)

    def lookup(self, names: Sequence[str], default: float) -> Tensor:
        """The radii of some images.

        Args:
            names: the images' names.
            default: radius of an image that has none yet.

        Returns:
            Radii, shape (len(names),), in float64, so that saving and loading them changes nothing.
        """
        return torch.tensor([self._epsilon.get(name, default) for name in names], dtype=torch.float64)

    def update(self, names: Sequence[str], epsilon: Tensor) -> None:
        """Give some images new radii.

        Args:
            names: the images' names.
            epsilon: their radii, shape (len(names),).

        Raises:
            ValueError: when there is not one radius per name.
        """
        self._epsilon.update(zip(names, epsilon.tolist(), strict=True))
        self._changed.update(names)

    def exchange(self) -> None:
        """Share all changes since the last exchange with the other processes, and take over theirs."""
        if idist.get_world_size() > 1:
            changes = {name: self._epsilon[name] for name in self._changed}
            for others in cast(list[dict[str, float]], idist.all_gather(changes)):
                self._epsilon.update(others)
        self._changed.clear()

    def state_dict(self) -> dict[str, Any]:
        """The radius of every image, by name."""
        return {"epsilon": dict(self._epsilon)}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over the radii of a checkpoint.

        Args:
            state_dict: what :meth:`state_dict` gave.
        """
        self._epsilon = dict(state_dict["epsilon"])
        self._changed.clear()
