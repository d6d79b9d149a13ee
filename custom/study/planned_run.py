"""One run of a study: what it trains, and what identifies it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from custom.study.training_version import TRAINING_VERSION

ALWAYS = frozenset({"seed", "method", "backbone", "image_size"})
"""Settings that count even if they are the defaults."""


@dataclass(frozen=True)
class Outcome:
    """A value that another run's record provides, such as AMAT's xi, which comes from a run of STD.

    Attributes:
        of: the run.
        measure: which of its measures.
        factor: what it is multiplied by.
    """

    of: PlannedRun
    measure: str
    factor: float = 1.0


@dataclass(frozen=True)
class PlannedRun:
    """One training with its evaluation.

    Attributes:
        group: name of its group in the grid.
        arm: its name in the group, such as a method.
        seed: of the training.
        settings: every key that it sets over ``train.json``; a value may be an `Outcome` of another run.
        data: name of the data set.
        data_sha256: what the data set's files hold.
        weights_sha256: hash of the initial weights, if they are a file.
        defaults: the settings of ``train.json``, which count only where a run has others.
        evaluated: whether it is evaluated on the test images; a run by which a recipe is chosen is not.
        autoattack: whether it is evaluated by AutoAttack, too.
    """

    group: str
    arm: str
    seed: int
    settings: Mapping[str, Any]
    data: str
    data_sha256: str
    weights_sha256: str | None = None
    defaults: Mapping[str, Any] = field(default_factory=dict, compare=False)
    evaluated: bool = field(default=True, compare=False)
    autoattack: bool = field(default=False, compare=False)

    @property
    def needs(self) -> dict[str, Outcome]:
        """The settings that other runs provide."""
        return {key: value for key, value in self.settings.items() if isinstance(value, Outcome)}

    @property
    def identity(self) -> dict[str, Any]:
        """All that decides what the training learns, as JSON can hold it.

        Settings that are those of ``train.json`` do not count, so that a key that is added later leaves earlier runs
        valid; a default that changes what is learned raises the training version. Initial weights count by their
        content.
        """
        settings: dict[str, Any] = {}
        for key, value in self.settings.items():
            if isinstance(value, Outcome):
                settings[key] = {"of": value.of.hash, "measure": value.measure, "factor": value.factor}
            elif key in ALWAYS or key not in self.defaults or value != self.defaults[key]:
                settings[key] = value
        if self.weights_sha256:
            settings["weights"] = self.weights_sha256
        return {
            "training_version": TRAINING_VERSION,
            "data": self.data_sha256,
            "settings": dict(sorted(settings.items())),
        }

    @property
    def hash(self) -> str:
        """The first 16 hexadecimal digits of the SHA-256 of the identity."""
        return hashlib.sha256(json.dumps(self.identity, sort_keys=True).encode()).hexdigest()[:16]

    @property
    def name(self) -> str:
        """Name of its folder and of its record."""
        method, size = self.settings["method"], self.settings["image_size"]
        return f"{method}-{self.settings['backbone']}-{size}-seed{self.seed}-{self.hash}".replace("/", "_")

    @property
    def label(self) -> str:
        """What to call it in a table."""
        return f"{self.group} / {self.arm} / seed {self.seed}"

    def resolved(self, measures: Mapping[str, Mapping[str, float]]) -> dict[str, Any]:
        """The settings with the values that other runs provide.

        Args:
            measures: of the runs that this one needs, by their hash.
        """
        return {
            key: measures[value.of.hash][value.measure] * value.factor if isinstance(value, Outcome) else value
            for key, value in self.settings.items()
        }
