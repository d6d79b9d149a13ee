"""What files were taken for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from custom.data.intensity import IntensityWindow
from custom.data.sample import Sample


class Problem(NamedTuple):
    """What keeps one or several files out of a data set.

    Attributes:
        text: as it is printed: the name, or the names, with what is wrong.
        paths: of the files, by the names that the user knows them by.
        detail: what is wrong beside the kind of the problem; may be empty.
    """

    text: str
    paths: tuple[str, ...]
    detail: str = ""


@dataclass
class Recognized:
    """A data set before its images are read.

    Args:
        form: what it was taken for, to be told to the user.
        classes: names of the classes, in the order of the labels.
        samples: the labeled images.
        problems: by their kind the problems of files, which are not in ``samples``.
        left_out: names of files that are not meant to be used, and why.
        notes: sentences on what was found, such as which columns were used.
        grouped_by: what the samples' groups are from, for instance ``the column 'Patient ID'``; ``None`` if every image
            is a group of its own.
        descriptions: what the classes' names stand for.
        window: the intensity window that the data set itself declares.
        facts: what else the datalist should say, for instance the licence.

    """

    form: str
    classes: list[str]
    samples: list[Sample]
    problems: dict[str, list[Problem]] = field(default_factory=lambda: defaultdict(list))
    left_out: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    grouped_by: str | None = None
    descriptions: Mapping[str, str] = field(default_factory=dict)
    window: IntensityWindow | None = None
    facts: Mapping[str, object] = field(default_factory=dict)

    def add_problem(self, kind: str, path: str, detail: str = "") -> None:
        """Note what is wrong with one file.

        Args:
            kind: the kind of problem, in the plural, such as ``images that cannot be read``.
            path: the file.
            detail: what is wrong with this one, if that is not the same for all.

        """
        self.problems[kind].append(Problem(f"{path} ({detail})" if detail else path, (path,), detail))


@dataclass(frozen=True)
class FormOptions:
    """What the user says about the files.

    Args:
        table: the table of labels; by default the one that is found.
        image_column: its column of images; by default recognized. The same holds for the other columns.
        label_column: its column of labels.
        group_column: its column of groups, which no split may cross.
        split_column: its column of splits.
        group_pattern: a regular expression on file names; its first group, or all that it matches, names the image's
            group.
        classes: the wanted classes, in the order of their labels; by default all, sorted.
        class_names: names for numbered labels.
        breakhis: ``binary`` or ``types`` (eight classes) for BreakHis.
        magnification: the wanted magnification of BreakHis; by default all.
        label_attribute: the DICOM attribute that holds the label of an unsorted folder of DICOM files.
        empty_classes: keep classes of a table that have no image, as in an external test set.
        folder: an empty folder for images that have to be written, as those of an array.

    """

    table: Path | None = None
    image_column: str | None = None
    label_column: str | None = None
    group_column: str | None = None
    split_column: str | None = None
    group_pattern: str | None = None
    classes: Sequence[str] | None = None
    class_names: Sequence[str] | None = None
    breakhis: str = "binary"
    magnification: int | None = None
    label_attribute: str | None = None
    empty_classes: bool = False
    folder: Path = Path()
