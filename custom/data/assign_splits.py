"""Which images go to which split."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from custom.data.sample import Sample
from custom.data.split import largest_split, scale_counts, split_by_group
from custom.data.split_ratio import split_by_ratio

SPLITS = ("training", "validation", "test")


@dataclass(frozen=True)
class SplitOptions:
    """How the splits are to be made.

    Args:
        train: images of each class in training and validation together; ``None`` for shares of all images.
        validation: share of the validation images below 1; images of each class, out of ``train``, from 1 on.
        test: the same for the test images.
        by: ``group`` or ``image``.
        fit: if images do not suffice for the counts, take the largest balanced split.
        only_test: put all images into the test split.
        seed: of the shuffle.

    """

    train: int | None = None
    validation: float = 0.1
    test: float = 0.2
    by: str = "group"
    fit: bool = False
    only_test: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        if self.train is None:
            if not (0 < self.validation < 1 and 0 < self.test < 1 and self.validation + self.test < 1):
                raise ValueError(
                    f"--validation {self.validation:g} and --test {self.test:g} must be shares above 0 that leave some "
                    "for training, or images of each class together with --train."
                )
        elif not 1 <= self.validation < self.train or self.test < 1 or self.validation % 1 or self.test % 1:
            raise ValueError("--validation is taken out of --train, so it must be smaller, and every count at least 1.")


def assign_splits(
    samples: Sequence[Sample], classes: Sequence[str], options: SplitOptions
) -> tuple[dict[str, list[Sample]], str]:
    """Assign every sample to a split: as the data set says, else as asked.

    Splits that the data set lacks are drawn from its training images.

    Args:
        samples: the samples.
        classes: names of the classes.
        options: how.

    Returns:
        The samples of each split, and a sentence on what was done, without its full stop.

    Raises:
        ValueError: the images do not suffice, or a split lacks a class.

    """
    if options.only_test:
        return {"training": [], "validation": [], "test": list(samples)}, "All images are test images"
    given: dict[str, list[Sample]] = {name: [] for name in SPLITS}
    for sample in samples:
        given[sample.split or "training"].append(sample)
    assigned = [name for name in SPLITS if any(sample.split == name for sample in samples)]
    try:
        if not assigned:
            return _draw(samples, classes, options)
        if not given["training"]:
            raise ValueError("The data set has no training images.")
        missing = [name for name in ("validation", "test") if not given[name]]
        if not missing:
            return given, "The splits are the data set's own"
        ratios = {name: float(getattr(options, name)) for name in missing}
        drawn = _by_ratio(given["training"], {"training": 1 - sum(ratios.values()), **ratios}, options)
        told = f"{' and '.join(assigned)} {'is' if len(assigned) == 1 else 'are'} the data set's own"
        sentence = f"{told[0].upper()}{told[1:]}, {' and '.join(missing)} drawn from training {_how(options)}"
        return {
            name: given[name] if name in assigned and name != "training" else drawn[name] for name in SPLITS
        }, sentence
    except ValueError as error:
        # The functions that split know classes by their numbers.
        raise ValueError(re.sub(r"class (\d+)", lambda found: f"class {classes[int(found[1])]}", str(error))) from None


def _draw(
    samples: Sequence[Sample], classes: Sequence[str], options: SplitOptions
) -> tuple[dict[str, list[Sample]], str]:
    if options.train is None:
        ratios = {"validation": options.validation, "test": options.test}
        ratios = {"training": 1 - sum(ratios.values()), **ratios}
        return _by_ratio(samples, ratios, options), f"Split {_how(options)}"
    counts = {
        "training": options.train - int(options.validation),
        "validation": int(options.validation),
        "test": int(options.test),
    }
    labels, groups = [sample.label for sample in samples], _groups(samples, options)
    if options.fit:
        chosen = largest_split(labels, groups, counts, options.seed)[1]
    else:
        _require_counts(labels, counts, classes)
        chosen = split_by_group(labels, groups, counts, options.seed)
    return {name: [samples[i] for i in chosen[name]] for name in SPLITS}, f"Split {_how(options)}"


def _by_ratio(samples: Sequence[Sample], ratios: Mapping[str, float], options: SplitOptions) -> dict[str, list[Sample]]:
    labels, groups = [sample.label for sample in samples], _groups(samples, options)
    chosen = split_by_ratio(labels, groups, ratios, options.seed)
    return {name: [samples[i] for i in indices] for name, indices in chosen.items()}


def _groups(samples: Sequence[Sample], options: SplitOptions) -> list[str]:
    return [sample.lesion_id if options.by == "group" else sample.image_id for sample in samples]


def _how(options: SplitOptions) -> str:
    return f"by {options.by} with seed {options.seed}"


def _require_counts(labels: Sequence[int], counts: Mapping[str, int], classes: Sequence[str]) -> None:
    available = Counter(labels)
    smallest = min(available.values())
    if smallest < sum(counts.values()):
        have = ", ".join(f"{classes[label]} {number}" for label, number in sorted(available.items()))
        fits = scale_counts(counts, smallest)
        raise ValueError(
            f"Too few images for {sum(counts.values())} of each class, as there are {have}: "
            f"--train {fits['training'] + fits['validation']} --validation {fits['validation']} "
            f"--test {fits['test']} would fit, and --fit takes the largest balanced split."
        )
