"""A study's records, put together by group and arm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custom.study.packed import from_digits, unpack
from custom.study.plan import read_plan
from custom.study.record import read_records, read_test_set

Array = NDArray[np.float64]


@dataclass(frozen=True)
class TestSet:
    """The images that a group's runs are tested on, as numbers.

    Attributes:
        labels: true classes, shape (N,).
        lesions: number of each image's lesion, shape (N,).
        classes: names of the classes.
    """

    __test__ = False  # no test class

    labels: NDArray[np.int64]
    lesions: NDArray[np.int64]
    classes: Sequence[str]

    @property
    def class_of_interest(self) -> int:
        """Number of the class that must not be missed: melanoma if a class has that name, else the first."""
        from custom.evaluation.clinical import class_of_interest

        return class_of_interest(self.classes).index


@dataclass(frozen=True)
class Arm:
    """The runs of one arm that are finished, one for each seed.

    Attributes:
        name: its name in the grid.
        records: its records by seed.
        planned: number of seeds that the plan has.
    """

    name: str
    records: Mapping[int, Mapping[str, Any]]
    planned: int

    @property
    def seeds(self) -> list[int]:
        """The seeds that are finished."""
        return sorted(self.records)

    @property
    def evaluated(self) -> bool:
        """Whether its runs were tested."""
        return bool(self.records) and all("clean" in record for record in self.records.values())

    def attack(self, name: str, seed: int, epsilon: float | None = None) -> Mapping[str, Any]:
        """What a record has of an attack (``clean`` for none).

        Args:
            name: of the attack.
            seed: of the run.
            epsilon: its radius; that of the first entry of this name if it is not given.

        Raises:
            KeyError: if the run was not evaluated by the attack.
        """
        record = self.records[seed]
        if name == "clean":
            return record["clean"]
        for entry in record["attacks"]:
            if entry["attack"] == name and epsilon in (None, entry["epsilon"]):
                return entry
        raise KeyError(name)

    def has(self, name: str) -> bool:
        """Whether all runs were evaluated by an attack."""
        return all(any(entry["attack"] == name for entry in record["attacks"]) for record in self.records.values())

    def correct(self, name: str, labels: NDArray[np.int64]) -> Array:
        """Whether each image is right under one attack, shape (S, N)."""
        predicted = [from_digits(self.attack(name, seed)["predicted"]) for seed in self.seeds]
        return (np.stack(predicted) == labels).astype(np.float64)

    def worst_case(self, factor: int) -> Array:
        """Whether each image withstands everything within a multiple of the training radius, shape (S, N)."""
        rows = [from_digits(self.records[seed]["worst_case"][str(factor)]) for seed in self.seeds]
        return np.stack(rows).astype(np.float64)

    def area(self) -> Array:
        """Each image's share of the area below the accuracy curve, shape (S, N): expected robustness is its mean."""
        rows = []
        for seed in self.seeds:
            epsilons = np.array(self.records[seed]["curve"]["epsilons"])
            rows.append(np.trapezoid(self.survival(seed), epsilons, axis=0) / epsilons[-1])
        return np.stack(rows)

    def survival(self, seed: int) -> Array:
        """Whether each image is right at each radius of the curve, from 0 on; shape (radii, N)."""
        curve = self.records[seed]["curve"]
        withstood = from_digits(curve["withstood"])
        return (np.arange(len(curve["epsilons"]))[:, None] < withstood).astype(np.float64)

    def probabilities(self, name: str, classes: int) -> list[Array]:
        """Softmax outputs under one attack, for each seed (N, classes)."""
        return [unpack(self.attack(name, seed)["probabilities"], classes) for seed in self.seeds]

    def history(self, column: str) -> list[list[float | None]]:
        """A column of the training curves, for each seed that has it."""
        histories = [self.records[seed]["history"] for seed in self.seeds]
        return [history[column] for history in histories if column in history]

    def only(self, seeds: Sequence[int]) -> Arm:
        """The arm with some of its seeds."""
        return Arm(self.name, {seed: self.records[seed] for seed in seeds}, self.planned)


@dataclass(frozen=True)
class Group:
    """One group of a study.

    Attributes:
        name: its name in the grid.
        facts: title, description and more, as the grid has them.
        arms: by name those with a finished run.
        planned: number of runs that the plan has.
        folder: of the records.
    """

    name: str
    facts: Mapping[str, Any]
    arms: Mapping[str, Arm]
    planned: int
    folder: Path

    @property
    def title(self) -> str:
        """Its heading."""
        return str(self.facts.get("title") or self.name)

    @property
    def finished(self) -> int:
        """Number of runs that are finished."""
        return sum(len(arm.records) for arm in self.arms.values())

    @property
    def tested(self) -> dict[str, Arm]:
        """The arms that were tested, by name."""
        return {name: arm for name, arm in self.arms.items() if arm.evaluated}

    @property
    def external(self) -> Group | None:
        """The same arms on external images, as a group of their own; ``None`` if none was tested on such."""
        arms = {}
        for name, arm in self.arms.items():
            found = {
                seed: {**record, **record["external"]} for seed, record in arm.records.items() if "external" in record
            }
            if found:
                arms[name] = Arm(name, found, arm.planned)
        if not arms:
            return None
        data = next(iter(next(iter(arms.values())).records.values()))["data"]
        facts = {"title": f"{self.title}: external images of {data}", "knobs": self.facts.get("knobs", {})}
        return Group(f"{self.name}_external", facts, arms, self.planned, self.folder)

    @cached_property
    def test_set(self) -> TestSet:
        """The images that all runs are tested on."""
        record = next(iter(next(iter(self.tested.values())).records.values()))
        content = read_test_set(self.folder, record["data_sha256"])
        return TestSet(from_digits(content["labels"]), np.array(content["lesions"]), content["classes"])

    @property
    def settings(self) -> Mapping[str, Any]:
        """The settings of one of its runs."""
        return next(iter(next(iter(self.arms.values())).records.values()))["settings"]


@dataclass(frozen=True)
class StudyResults:
    """All groups of a study.

    Attributes:
        name: of the study.
        groups: those with a finished run, in the order of the grid.
        planned: number of different runs that the plan has.
        finished: number of them that are finished.
        records: all finished records.
    """

    name: str
    groups: Sequence[Group]
    planned: int
    finished: int
    records: Sequence[Mapping[str, Any]]


def read_results(folder: Path) -> StudyResults:
    """Read a study's records.

    Args:
        folder: of the records, with the plan.

    Raises:
        FileNotFoundError: if there is no plan or no record.
        ValueError: if a record is damaged.
    """
    plan, records = read_plan(folder), read_records(folder)
    groups = []
    for name, facts in plan["groups"].items():
        runs = [run for run in plan["runs"] if run["group"] == name]
        arms = {}
        for arm in dict.fromkeys(run["arm"] for run in runs):
            own = [run for run in runs if run["arm"] == arm]
            found = {run["seed"]: records[run["hash"]] for run in own if run["hash"] in records}
            if found:
                arms[arm] = Arm(arm, found, len(own))
        if arms:
            groups.append(Group(name, facts, arms, len(runs), folder))
    hashes = {run["hash"] for run in plan["runs"]}
    finished = [record for key, record in records.items() if key in hashes]
    return StudyResults(plan["name"], groups, len(hashes), len(finished), finished)
