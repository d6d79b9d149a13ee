"""One measured case."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

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

    @property
    def group(self) -> tuple[str, str, int, int]:
        """What the case shares with those that it is compared with."""
        return self.part, self.network, self.size, self.batch_size

    def as_record(self) -> dict[str, object]:
        """The row for a JSON file, with median and spread."""
        record = asdict(self)
        record["seconds"] = record.pop("timing")["seconds"]
        return {**record, "median": self.timing.median, "spread": self.timing.spread}


def relative_to(rows: Iterable[Row], row: Row, case: str) -> float | None:
    """Median of ``row`` divided by that of another case of its group, or None where there is no such case."""
    for other in rows:
        if other.group == row.group and other.case == case:
            return row.timing.median / other.timing.median
    return None
