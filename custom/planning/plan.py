"""Making a plan: the data set's fingerprint, the rules, and how long the training takes here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from monai.bundle import ConfigParser

from custom.cli.estimate import Estimate, estimate_training
from custom.planning import rules
from custom.planning.decision import Decision
from custom.planning.epsilon import rounded_up
from custom.planning.fingerprint import read_fingerprint
from custom.planning.memory import StepMemory, memory_of
from custom.planning.radius import SmallestRadii, run_for_plan, smallest_radii

TRAIN = Path(__file__).resolve().parents[2] / "bundle" / "configs" / "train.json"
TIMED_IMAGES = 4
"""Images of the step that is timed: more would take minutes without a GPU."""


@dataclass(frozen=True)
class PlanOptions:
    """What a plan is made of.

    Args:
        data: folder of the data set.
        run: folder of a standard training by which the radius is chosen, if there is one.
        share: the share of clean accuracy to which that falls at the radius.
        images: validation images that are attacked for it.
        norm: ``l2`` or ``linf``.
        image_size: edge of the images, chosen by the data if ``None``; that of the run if there is one.
        given: further settings that the user wants, by key, such as ``backbone``.
        trust: whether code of somebody else in the config of ``run`` may run.

    """

    data: Path
    run: Path | None = None
    share: float = 0.5
    images: int = 60
    norm: str = "l2"
    image_size: int | None = None
    given: tuple[tuple[str, Any], ...] = ()
    trust: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.share < 1:
            raise ValueError(f"--share is {self.share:g}; it must lie between 0 and 1.")
        if self.images < 1:
            raise ValueError(f"--images is {self.images}; it must be at least 1.")


@dataclass(frozen=True)
class Plan:
    """Settings of a training, and what they rest on.

    Args:
        data: folder of the data set.
        facts: sentences on the data set.
        decisions: the settings.
        estimate: how long the training takes here.
        radii: what a standard network withstands, in each norm; empty without one.
        run: that network's run.

    """

    data: Path
    facts: Sequence[str]
    decisions: Sequence[Decision]
    estimate: Estimate
    radii: Sequence[SmallestRadii] = ()
    run: Path | None = None

    @property
    def config(self) -> dict[str, Any]:
        """The settings by key."""
        return {decision.key: decision.value for decision in self.decisions}


def make_plan(options: PlanOptions) -> Plan:
    """Choose the settings of a training.

    Args:
        options: what it is to be made of.

    Raises:
        FileNotFoundError: the data set or the run is missing.
        ValueError: one of them cannot be used.

    """
    folder = options.data.parent if options.data.name == "datalist.json" else options.data
    if folder.suffix == ".json":
        raise ValueError(f"{folder}: a training takes a folder with a datalist.json; pass that folder.")
    data = read_fingerprint(folder)
    given = dict(options.given)
    run = None if options.run is None else run_for_plan(options.run, folder, options.trust)
    radii = [] if run is None else smallest_radii(run, options.images)
    if run is not None and options.image_size not in (None, run.image_size):
        raise ValueError(
            f"{options.run} was trained at {run.image_size} x {run.image_size} pixels, and "
            f"its radii hold only for that size, not for --image-size {options.image_size}."
        )
    size = rules.choose_image_size(data, options.image_size, given.get("backbone", ""))
    if run is not None:
        size = Decision("image_size", run.image_size, f"That of {options.run}: a radius holds for one resolution.")
    parser = ConfigParser()
    parser.read_config(str(TRAIN))
    chosen = [
        Decision("dataset_dir", str(folder), "The data set."),
        *(Decision(key, value, "As given.") for key, value in given.items()),
        size,
        rules.choose_crop(data),
        rules.choose_intensity(data),
        Decision("norm", options.norm, "Of the perturbations."),
        _epsilon(options, size.value, radii),
    ]
    parser.update({**{decision.key: decision.value for decision in chosen}, "weights": None})
    method, device = parser.get_parsed_content("training_method"), torch.device(parser.get_parsed_content("device"))
    network, shape = parser.get_parsed_content("network"), parser.get_parsed_content("image_shape")
    memory, passes = memory_of(device), 2 if method.adversarial and method.loss.needs_clean else 1
    step = StepMemory.measure(network, shape, passes)
    chosen += [
        rules.choose_batch_size(data, step, memory),
        rules.choose_cache_rate(data, size.value, memory_of(torch.device("cpu"))),
        rules.choose_sampling(data),
        rules.choose_selection(data, parser["method"]),
    ]
    parser.update({decision.key: decision.value for decision in chosen})
    estimate = estimate_training(parser, TIMED_IMAGES if device.type == "cpu" else None)
    return Plan(folder, rules.describe_data(data), chosen, estimate, radii, options.run)


def _epsilon(options: PlanOptions, size: int, radii: Sequence[SmallestRadii]) -> Decision:
    """The radius: by a standard network's accuracy, or by the resolution alone."""
    decision = rules.choose_epsilon(size, options.norm)
    found = next((entry for entry in radii if entry.norm == options.norm), None)
    if found is None:
        return decision
    radius = found.radius_at(options.share)
    if radius is None:
        told = "The standard network's accuracy does not fall that far within the radii that were searched."
        return replace(decision, reason=f"{told} {decision.reason}")
    epsilon = rounded_up(radius)
    told = (
        f"There the accuracy of {options.run} falls to {options.share:.0%} of its {found.accuracy(0):.1%} on clean "
        f"validation images. {rules.explain_epsilon(epsilon, options.norm, size)}"
    )
    if options.norm == "l2":
        told += f" By the resolution alone it would be {decision.value:g}."
    return Decision("epsilon", epsilon, told)
