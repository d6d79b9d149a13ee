"""A cache of what was derived from a network, valid for as long as the network consists of the same objects."""

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from torch import nn

T = TypeVar("T")


class NetworkCache(Generic[T]):
    """Keeps one derived object per network, and makes it again once the network has other parts.

    A new head, or a move to another device, makes new parts. Networks are not kept alive, so a derived object must
    not hold its network: :meth:`get` keeps None for "nothing to make".

    Example:
        >>> cache, network = NetworkCache(), nn.Linear(1, 1)
        >>> cache.get(network, network.modules(), lambda: "made")
        'made'
        >>> cache.get(network, network.modules(), lambda: "made again")
        'made'
    """

    def __init__(self) -> None:
        self._entries: WeakKeyDictionary[nn.Module, tuple[list[int], T | None]] = WeakKeyDictionary()

    def get(self, network: nn.Module, parts: Iterable[object], make: Callable[[], T | None]) -> T | None:
        """The object derived from a network, made now if the network is new or changed.

        Args:
            network: any network.
            parts: those of its objects that the derived object depends on.
            make: makes it, or returns None if there is nothing to make.
        """
        present = [id(part) for part in parts]
        before, derived = self._entries.get(network, (None, None))
        if before != present:
            derived = make()
            self._entries[network] = present, derived
        return derived
