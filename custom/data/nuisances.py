"""Properties of files that give a class away."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence

from custom.data.check_images import ImageFacts

_CHANCE = 1e-3
"""Probability below which it is no chance that all images of a property are of one class."""


def find_nuisances(facts: Sequence[ImageFacts], labels: Sequence[int], classes: Sequence[str]) -> list[str]:
    """Find formats, sizes, channels and depths that only one class has.

    A network may learn these in place of what the images show. A value is named if it is that of some images and not
    of others, all these images are of one class, and the share of that class to the power of their number, the
    probability of that by chance, is below 0.001.

    Args:
        facts: what is known of the images.
        labels: their classes.
        classes: names of the classes.

    Returns:
        A sentence for each.

    """
    shares = {label: count / len(labels) for label, count in Counter(labels).items()}
    told = []
    properties: dict[str, list[Hashable]] = {
        "format": [fact.format for fact in facts],
        "number of channels": [fact.channels for fact in facts],
        "size": [" x ".join(map(str, fact.size)) for fact in facts],
        "bits a sample": [fact.bits for fact in facts],
    }
    for name, values in properties.items():
        found: dict[Hashable, Counter[int]] = defaultdict(Counter)
        for value, label in zip(values, labels, strict=True):
            found[value][label] += 1
        for value, counts in found.items():
            label, number = counts.most_common(1)[0]
            if len(found) > 1 and len(counts) == 1 and shares[label] ** number < _CHANCE:
                told.append(f"All {number} images whose {name} is {value} are {classes[label]}.")
    return told
