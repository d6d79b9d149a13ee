"""What the keys of the configs take: one table of types and ranges, for every way to start a program.

The table is checked before anything is imported that takes time, on the values as they were given, and once more when
the configs' expressions are resolved. Values that are expressions (``$...``, ``@...``, ``%...``) are skipped the
first time.
"""

from __future__ import annotations

import math
import pkgutil
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

EXPRESSION = ("$", "@", "%")
METHODS = Path(__file__).resolve().parents[1] / "methods"


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
class Several:
    """A value for all axes of an image, or one for each.

    Attributes:
        value: one of them.
    """

    value: Value

    def wrong(self, value: Any) -> str | None:
        """See `Value`."""
        values = value if isinstance(value, list | tuple) else [value]
        fits = len(values) in (1, 2, 3) and not any(self.value.wrong(entry) for entry in values)
        return None if fits else str(self)

    def __str__(self) -> str:
        return f"{self.value}, or a list with one for each axis"


@dataclass(frozen=True)
class Optional:
    """Another value, or none.

    Attributes:
        value: the other one.
    """

    value: Value

    def wrong(self, value: Any) -> str | None:
        """See `Value`."""
        return None if value is None or self.value.wrong(value) is None else str(self)

    def __str__(self) -> str:
        return f"{self.value}, or None"


COUNT = Number(low=1, whole=True)
COUNT_OR_NONE = Number(low=0, whole=True)
RADIUS = Number(low=0)
LENGTH = Number(low=0, positive=True)
SHARE = Number(0, 1)
PATH = FilePath()

VALUES: dict[str, Value] = {
    # What is trained on, and where to.
    "bundle_root": PATH,
    "dataset_dir": PATH,
    "datalist": PATH,
    "check_data": Switch(),
    "runs_dir": PATH,
    "run_name": FolderName(),
    "output_dir": PATH,
    "resume": Switch(),
    "experiment_name": Text("a name"),
    "record": Switch(),
    # How it runs.
    "seed": Number(0, 2**32 - 1, whole=True),
    "device": Device(),
    "amp": Switch(),
    "autocast": Optional(Text("a data type, such as bfloat16")),
    "num_workers": COUNT_OR_NONE,
    "cache_rate": SHARE,
    "keep_freed_memory": Switch(),
    # The method.
    "method": Module(METHODS),
    "alpha": Optional(SHARE),
    "beta": Optional(RADIUS),
    "synchronization_as_printed": Optional(Switch()),
    "second_examples": Optional(Text("a name")),
    "delta_loss_mean_floor": Optional(LENGTH),
    "reuse_gradients": Optional(Switch()),
    "xi": Optional(RADIUS),
    "delta_epsilon": Optional(LENGTH),
    "label_smoothing": Optional(Number(0, 0.999)),
    # The attack.
    "epsilon": RADIUS,
    "norm": Choice(("l2", "linf")),
    "epsilon_schedule": SHARE,
    "epsilon_scale": RADIUS,
    "clean_warm_up": Switch(),
    "awp": RADIUS,
    "balanced_sampling": Switch(),
    "joint_pass": Switch(),
    "same_dropout": Switch(),
    "activation_checkpointing": Switch(),
    "step_size": Optional(LENGTH),
    "steps": COUNT,
    "step_rule": Optional(Choice(("normalized", "sign"))),
    "attack_batch_norm": Choice(("evaluation", "training")),
    "accelerations": Accelerations(),
    # The network and its training.
    "backbone": Text("a name"),
    "weights": Optional(Text("a name, a path or none")),
    "image_size": Several(COUNT),
    "spacing": Optional(Several(LENGTH)),
    "crop": Optional(Choice(("square",))),
    "warm_up_epochs": COUNT_OR_NONE,
    "fine_tuning_epochs": COUNT_OR_NONE,
    "learning_rate": LENGTH,
    "lr_schedule": Choice(("constant", "cosine", "one_cycle")),
    "weight_decay": RADIUS,
    "weight_averaging": Number(0, 0.999999),
    "validated_weights": Choice(("both", "averaged")),
    "batch_size": COUNT,
    "patience": Optional(COUNT),
    "val_interval": COUNT,
    "selection": Text("a name"),
    # Evaluating, explaining and inferring.
    "checkpoint": PATH,
    "trust": Switch(),
    "attacks": Names(),
    "epsilons": Table(RADIUS),
    "epsilon_linf": RADIUS,
    "epsilon_l2": RADIUS,
    "step_fraction": Number(0, 2, positive=True),
    "surrogate": Optional(PATH),
    "check_images": COUNT_OR_NONE,
    "curve_images": COUNT_OR_NONE,
    "corruption_images": COUNT_OR_NONE,
    "corruption_names": Optional(Names()),
    "class_of_interest": Optional(Text("the name of a class")),
    "subgroup_columns": Optional(Names()),
    "fit_temperature": Switch(),
    "square_queries": COUNT,
    "resamples": COUNT_OR_NONE,
    "model_name": Text("a name"),
    "data_name": Text("a name"),
    "explanations_dir": PATH,
    "class_names": Names(),
}


def check_values(values: Mapping[str, Any], given: bool = False) -> None:
    """Check values against the table.

    Args:
        values: by key; keys that the table does not have, and nested ids, are not looked at. Neither are components,
            nor text that begins like an expression and is one.
        given: whether they were given on a command line, on which the name of a file that begins like an expression
            must not become one.

    Raises:
        ValueError: if a value is none that its key takes, in one sentence.

    Example::

        >>> from custom.cli import check_values
        >>> check_values({"epsilon": 0.3, "method": "dpaat", "image_size": "$2 * 112"})
        >>> check_values({"batch_size": 0})
        Traceback (most recent call last):
        ValueError: batch_size must be a whole number, at least 1, not 0.

    """
    for key, value in values.items():
        if key not in VALUES or (isinstance(value, Mapping) and "_target_" in value):
            continue
        if isinstance(value, str) and value.startswith(EXPRESSION):
            if given and isinstance(plain_kind(key), FilePath):
                raise ValueError(f"{key} {value!r} would be run as code: write it as './{value}'.")
            if not (given and isinstance(plain_kind(key), FolderName)):
                continue
        check_value(key, value)


def check_value(key: str, value: Any) -> None:
    """Check a single value, expressions resolved.

    Args:
        key: its key, one of `VALUES`.
        value: the value.

    Raises:
        ValueError: if it is none that the key takes, in one sentence.
    """
    wanted = VALUES[key].wrong(value)
    if wanted is None:
        return
    hint = ""
    taken_for_another = isinstance(value, int | float | list | tuple) and not isinstance(value, bool)
    if taken_for_another and isinstance(plain_kind(key), Text):
        kind = "number" if isinstance(value, int | float) else "list"
        example = f"./{value}" if isinstance(plain_kind(key), FilePath) else f"""'"{value}"'"""
        hint = f" (MONAI takes it for a {kind}: write --{key} {example})"
    raise ValueError(f"{key} must be {wanted}, not {value!r}{hint}.")


def plain_kind(key: str) -> Value | None:
    """What a key takes if it is not ``None``.

    Args:
        key: the key; ``None`` is returned if the table does not have it.
    """
    kind = VALUES.get(key)
    return kind.value if isinstance(kind, Optional) else kind
