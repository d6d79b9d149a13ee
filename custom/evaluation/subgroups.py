"""Accuracy of groups of patients: age, sex, site, or whatever else is known of each image."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custom.evaluation.intervals import Intervals
from custom.files.csv_cell import valid_text

USUAL_COLUMNS = (
    "age",
    "age_approx",
    "sex",
    "gender",
    "localization",
    "anatom_site_general",
    "site",
    "skin_type",
    "scanner",
)
"""Columns that are read if they are there and nobody asks for others."""

SMALL = 20
"""A group of fewer images is too small to say much."""

_UNKNOWN = ("", "nan", "none", "unknown", "n/a", "na", "null")
_MOST_GROUPS = 12


@dataclass(frozen=True)
class Subgroups:
    """What is known of each image, by which its group is told.

    Args:
        attributes: by the image's name the values by column.
        columns: the columns to use; by default those of ``USUAL_COLUMNS`` that any image has.

    Raises:
        ValueError: if no image has a column that was asked for.
    """

    attributes: Mapping[str, Mapping[str, Any]]
    columns: Sequence[str] | None = None

    def __post_init__(self) -> None:
        known = sorted({column for values in self.attributes.values() for column in values})
        missing = [column for column in self.columns or () if column not in known]
        if missing:
            raise ValueError(f"No image has the column {missing[0]!r}; known are {', '.join(known) or 'none'}.")

    @classmethod
    def read(cls, datalist: str | Path, split: str = "test", columns: str | Sequence[str] | None = None) -> Subgroups:
        """Read what a datalist says of the images of one split.

        Args:
            datalist: a ``datalist.json``, or the folder that holds it.
            split: the split's name.
            columns: the columns to use, or one alone.

        Raises:
            ValueError: if no image has a column that was asked for.
        """
        from custom.data import load_datalist

        items = load_datalist(datalist, split, attributes=True)
        plain = ("image", "label", "image_id", "lesion_id", "attributes", "mask")
        attributes = {
            valid_text(item["image_id"]): {
                **{key: value for key, value in item.items() if key not in plain},
                **item.get("attributes", {}),
            }
            for item in items
        }
        return cls(attributes, [columns] if isinstance(columns, str) else columns)

    def measure(
        self,
        image_ids: Sequence[str],
        clean: NDArray[np.bool_],
        worst_case: NDArray[np.bool_] | None,
        ball: Mapping[str, Any] | None,
        intervals: Intervals,
    ) -> dict[str, Any] | None:
        """Accuracy of each group, clean and in the worst case.

        Args:
            image_ids: the images' names, length N.
            clean: whether each image is right clean, shape (N,).
            worst_case: whether it is right in the worst case of the headline's ball, shape (N,); none if there was no
                attack.
            ball: that ball, with ``norm`` and ``epsilon``.
            intervals: of the images.

        Returns:
            What ``metrics.json`` holds under ``subgroups``; ``None`` if nothing is known of the images.
        """
        found = {}
        for column in self.columns or USUAL_COLUMNS:
            values = [self.attributes.get(name, {}).get(column) for name in image_ids]
            groups = group_names(values)
            if len({group for group in groups if group is not None}) > 1 or self.columns:
                found[column] = self._column(groups, clean, worst_case, ball, intervals)
        return found or None

    @staticmethod
    def _column(
        groups: Sequence[str | None],
        clean: NDArray[np.bool_],
        worst_case: NDArray[np.bool_] | None,
        ball: Mapping[str, Any] | None,
        intervals: Intervals,
    ) -> dict[str, Any]:
        member = np.array([group or "" for group in groups])
        rows: list[dict[str, Any]] = []
        for group in dict.fromkeys(sorted(filter(None, groups), key=_order)):
            mask = member == group
            rows.append(
                {
                    "group": group,
                    "images": int(mask.sum()),
                    "lesions": len(np.unique(intervals.groups[mask])),
                    "small": bool(mask.sum() < SMALL),
                    "clean": intervals.share(clean, mask),
                    "worst_case": None if worst_case is None else intervals.share(worst_case, mask),
                }
            )
        kind = "clean" if worst_case is None else "worst_case"
        eligible = [row for row in rows if not row["small"]]
        worst = min(eligible, key=lambda row: row[kind]["value"])["group"] if len(eligible) > 1 else None
        where = None if ball is None else {"norm": ball["norm"], "epsilon": ball["epsilon"]}
        return {"groups": rows, "missing": groups.count(None), "worst": worst, "worst_by": kind, "ball": where}


def group_names(values: Sequence[Any]) -> list[str | None]:
    """The group that each value belongs to: itself, or for numbers of many sizes one of four ranges.

    Args:
        values: any values; ``None``, empty ones and "unknown" belong to no group.

    Example:
        >>> group_names(["female", "male", "unknown"])
        ['female', 'male', None]
        >>> group_names([str(age) for age in range(10, 90, 10)])[:3]
        ['10 to 20', '10 to 20', '30 to 40']
    """
    known = [
        None if value is None or str(value).strip().lower() in _UNKNOWN else str(value).strip() for value in values
    ]
    numbers = [_number(value) for value in known]
    present = [number for number in numbers if number is not None]
    many = len(set(present)) > 6 and len(present) == sum(value is not None for value in known)
    if many:
        return _ranges(numbers, present)
    common = {value for value in known if value is not None}
    return known if len(common) <= _MOST_GROUPS else _most_frequent(known)


def _ranges(numbers: Sequence[float | None], present: Sequence[float]) -> list[str | None]:
    edges = np.quantile(present, [0.25, 0.5, 0.75], method="lower")
    index = [None if number is None else int(np.searchsorted(edges, number)) for number in numbers]
    labels = {}
    for group in {part for part in index if part is not None}:
        inside = [number for number, part in zip(numbers, index, strict=True) if part == group and number is not None]
        low, high = min(inside), max(inside)
        labels[group] = f"{low:g}" if low == high else f"{low:g} to {high:g}"
    return [None if part is None else labels[part] for part in index]


def _most_frequent(known: Sequence[str | None]) -> list[str | None]:
    """The most frequent values keep their name, the others share one."""
    names, counts = np.unique([value for value in known if value is not None], return_counts=True)
    kept = set(names[np.argsort(-counts, kind="stable")][: _MOST_GROUPS - 1])
    return [value if value is None or value in kept else "other" for value in known]


def _number(value: str | None) -> float | None:
    try:
        number = float(value) if value is not None else None
    except ValueError:
        return None
    return number if number is not None and math.isfinite(number) else None


def _order(group: str) -> tuple[float, str]:
    number = _number(group.split(" to ")[0])
    return (math.inf if number is None else number, group)
