"""One measured case."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from custom.benchmark.group import Group
from custom.benchmark.timing import Timing


@dataclass(frozen=True)
class Row:
    """One case of the benchmark and what was measured of it.

    Attributes:
        part: which comparison the case belongs to, such as ``attack`` or ``training, dpaat``.
        network: name of the network.
        size: height and width of the images.
        batch_size: number of images.
        case: who did it.
        timing: seconds of every repeat.
        memory: bytes in use at the peak beyond what was in use before, where known.
        loss: mean cross-entropy on the adversarial images found, in 32 bits, where there are any.
        difference: largest difference of a value to the adversarial images found without accelerations.
        commit: the state of the code that was measured.
    """

    part: str
    network: str
    size: int
    batch_size: int
    case: str
    timing: Timing
    memory: int | None = None
    loss: float | None = None
    difference: float | None = None
    commit: str | None = None

    @property
    def group(self) -> Group:
        """What the case shares with those that it is compared with."""
        return Group(self.part, self.network, self.size, self.batch_size)

    def as_record(self) -> dict[str, object]:
        """The row for a JSON file, with median and spread."""
        record = asdict(self)
        record["seconds"] = record.pop("timing")["seconds"]
        return {**record, "median": self.timing.median, "spread": self.timing.spread}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "Row":
        """The row that :meth:`as_record` wrote.

        Args:
            record: its entries.

        Returns:
            The row.

        Raises:
            KeyError: an entry is missing.
            TypeError: there is an entry that rows do not have.
        """
        entries = {name: value for name, value in record.items() if name not in ("seconds", "median", "spread")}
        return cls(timing=Timing(tuple(record["seconds"])), **entries)
