"""What was made of a network, for as long as the network is made of the same objects."""

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from torch import nn

T = TypeVar("T")


class KeptCopy(Generic[T]):
    """Keeps what is made of each network, and makes it anew once the network has other parts.

    A new head, or a move to another device, makes new objects. Networks are not kept alive, so what is made must
    not hold its network: :meth:`get` keeps None for "nothing to make".

    Example:
        >>> kept, network = KeptCopy(), nn.Linear(1, 1)
        >>> kept.get(network, network.modules(), lambda: "made")
        'made'
        >>> kept.get(network, network.modules(), lambda: "made again")
        'made'
    """

    def __init__(self) -> None:
        self._made: WeakKeyDictionary[nn.Module, tuple[list[int], T | None]] = WeakKeyDictionary()

    def get(self, network: nn.Module, parts: Iterable[object], make: Callable[[], T | None]) -> T | None:
        """What was made of a network, made now where it is new or changed.

        Args:
            network: any network.
            parts: those of its objects that what is made depends on.
            make: makes it, or gives None where there is nothing to make.
        """
        present = [id(part) for part in parts]
        before, made = self._made.get(network, (None, None))
        if before != present:
            made = make()
            self._made[network] = present, made
        return made
