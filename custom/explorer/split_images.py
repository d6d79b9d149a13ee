"""The images of a test split to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from custom.data import class_names, load_datalist
from custom.data.find_files import printable
from custom.explorer.model import ExplorerModel
from custom.explorer.subject import Subject


@dataclass(frozen=True)
class SplitImages:
    """Images with their classes.

    Attributes:
        paths: the files.
        classes: the true class of each.
    """

    paths: tuple[Path, ...] = ()
    classes: tuple[str, ...] = ()

    @classmethod
    def read(cls, folder: str | Path, expected: Sequence[str], split: str = "test") -> SplitImages:
        """Read a split of a data set, class by class.

        Args:
            folder: of the data set.
            expected: names of the models' classes.
            split: the split.

        Raises:
            FileNotFoundError: if there is no data set.
            ValueError: if it is damaged, or has other classes.
        """
        names = class_names(folder)
        if sorted(names) != sorted(expected):
            raise ValueError(
                f"{folder} has the classes {', '.join(names)}, and the models have {', '.join(expected)}; pass the "
                "data set that they were trained on with --data."
            )
        items = sorted(load_datalist(folder, split), key=lambda item: int(item["label"]))
        return cls(tuple(Path(item["image"]) for item in items), tuple(names[item["label"]] for item in items))

    @property
    def titles(self) -> list[str]:
        """What the page lists, in order."""
        return [f"{name}: {printable(path.name)}" for path, name in zip(self.paths, self.classes, strict=True)]

    def subject(self, index: int, models: Sequence[ExplorerModel]) -> Subject:
        """An image, read for all models.

        Args:
            index: its place in the list.
            models: the models.

        Raises:
            custom.data.decoded_image.UnreadableImageError: if the file cannot be read any more.
        """
        return Subject.read(self.paths[index], models, class_name=self.classes[index])
