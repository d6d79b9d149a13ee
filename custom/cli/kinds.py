"""Kinds of values that a key of a config takes: types, ranges, and how they are said in a message."""

from __future__ import annotations

import math
import pkgutil
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

EXPRESSION = ("$", "@", "%")


class Value(Protocol):
    """What a key takes."""

    def wrong(self, value: Any) -> str | None:
        """What a right value would be, as the end of "must be ..."; ``None`` if the value is right."""


@dataclass(frozen=True)
class Number:
    """A finite number in a range.

    Attributes:
        low: the least value.
        high: the greatest value.
        whole: whether it has no fraction.
        positive: whether 0 itself is excluded.
    """

    low: float = -math.inf
    high: float = math.inf
    whole: bool = False
    positive: bool = False

    def wrong(self, value: Any) -> str | None:
        """See `Value`."""
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        fits = is_number and self.low <= value <= self.high and not (self.positive and value == 0)
        return None if fits and not (self.whole and value != int(value)) else str(self)

    def __str__(self) -> str:
        kind = "a whole number" if self.whole else "a number"
        if self.positive:
            return f"{kind} greater than 0" + ("" if math.isinf(self.high) else f", at most {self.high:.10g}")
        if math.isinf(self.high):
            return kind if math.isinf(self.low) else f"{kind}, at least {self.low:.10g}"
        return f"{kind} from {self.low:.10g} to {self.high:.10g}"


@dataclass(frozen=True)
class Switch:
    """True or false."""

    def wrong(self, value: Any) -> str | None:
        """See `Value`."""
        return None if isinstance(value, bool) else str(self)

    def __str__(self) -> str:
        return "True or False"


@dataclass(frozen=True)
class Text:
    """Words, such as a name or a path; on the command line also if they look like a number.

    Attributes:
        what: what they are, for messages.
    """

    what: str = "text"

    def wrong(self, value: Any) -> str | None:
        """See `Value`."""
        fits = isinstance(value, str | Path) and str(value).strip() != "" and "\0" not in str(value)
        return None if fits else str(self)

    def __str__(self) -> str:
        return f"{self.what}, not empty"


@dataclass(frozen=True)
class FilePath(Text):
    """The path of a file or folder."""

    what: str = "a path"


@dataclass(frozen=True)
class FolderName(Text):
    """The name of a single folder, which cannot lead elsewhere."""

    def wrong(self, value: Any) -> str | None:
        """See `Value`."""
        fits = super().wrong(value) is None and len(str(value).encode()) <= 200
        name = str(value)
        fits = fits and name not in (".", "..") and not re.search(r"[/\\\x00-\x1f]", name) and name == name.strip()
        return None if fits and not name.startswith(EXPRESSION) else str(self)

    def __str__(self) -> str:
        return "the name of a folder, without / and not beginning with $, @ or %"


@dataclass(frozen=True)
class Choice:
    """One of several words.

    Attributes:
        words: the words.
    """

    words: tuple[str, ...]

    def wrong(self, value: Any) -> str | None:
        """See `Value`."""
        return None if isinstance(value, str) and value in self.words else str(self)

    def __str__(self) -> str:
        return f"one of {', '.join(self.words)}" if len(self.words) > 2 else " or ".join(self.words)


@dataclass(frozen=True)
class Module:
    """The name of a module in a folder, or the dotted path of a class anywhere.

    Attributes:
        folder: the folder.
    """

    folder: Path

    def wrong(self, value: Any) -> str | None:
        """See `Value`."""
        dotted = isinstance(value, str) and re.fullmatch(r"[a-zA-Z_]\w*(\.[a-zA-Z_]\w*)+", value)
        return None if dotted or value in self.names() else str(self)

    def names(self) -> list[str]:
        """The modules, which are not imported."""
        return sorted(name for _, name, package in pkgutil.iter_modules([str(self.folder)]) if not package)

    def __str__(self) -> str:
        return f"one of {', '.join(self.names())}, or the dotted path of a class"


@dataclass(frozen=True)
class Device:
    """A device of PyTorch."""

    def wrong(self, value: Any) -> str | None:
        """See `Value`."""
        return None if re.fullmatch(r"cpu|(cuda|mps)(:\d+)?", str(value)) else str(self)

    def __str__(self) -> str:
        return "cpu, cuda, cuda:N or mps"


@dataclass(frozen=True)
class Names:
    """A list of different, non-empty words, or one of them."""

    def wrong(self, value: Any) -> str | None:
        """See `Value`."""
        words = [value] if isinstance(value, str) else value
        fits = isinstance(words, Sequence) and all(isinstance(word, str) and word.strip() for word in words)
        return None if fits and len(set(words)) == len(words) else str(self)

    def __str__(self) -> str:
        return "a list of different names"


@dataclass(frozen=True)
class Table:
    """Names with values of one kind, or lists of them."""

    values: Value

    def wrong(self, value: Any) -> str | None:
        """See `Value`."""
        if not isinstance(value, Mapping):
            return str(self)
        lists = [given if isinstance(given, list | tuple) else [given] for given in value.values()]
        return str(self) if any(self.values.wrong(entry) for entries in lists for entry in entries) else None

    def __str__(self) -> str:
        return f"a mapping of names to lists, as in {{'pgd20': [0.1, 0.2]}}, each entry {self.values}"


@dataclass(frozen=True)
class Accelerations:
    """The name of a preset, or a list of accelerations to be built."""

    words = ("none", "exact", "bfloat16")

    def wrong(self, value: Any) -> str | None:
        """See `Value`."""
        fits = value in self.words if isinstance(value, str) else isinstance(value, list | tuple)
        return None if fits else str(self)

    def __str__(self) -> str:
        return f"one of {', '.join(self.words)}, or a list of accelerations"


@dataclass(frozen=True)
class Wrapping:
    """A kind of value made of another one.

    Attributes:
        value: the other one.
    """

    value: Value


@dataclass(frozen=True)
class Several(Wrapping):
    """A value for all axes of an image, or one for each."""

    def wrong(self, value: Any) -> str | None:
        """See `Value`."""
        values = value if isinstance(value, list | tuple) else [value]
        fits = len(values) in (1, 2, 3) and not any(self.value.wrong(entry) for entry in values)
        return None if fits else str(self)

    def __str__(self) -> str:
        return f"{self.value}, or a list with one for each axis"


@dataclass(frozen=True)
class Optional(Wrapping):
    """Another value, or none."""

    def wrong(self, value: Any) -> str | None:
        """See `Value`."""
        return None if value is None or self.value.wrong(value) is None else str(self)

    def __str__(self) -> str:
        return f"{self.value}, or None"
