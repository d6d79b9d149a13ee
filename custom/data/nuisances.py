"""Properties of files that give a class away."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from math import prod

import numpy as np

from custom.data.check_images import ImageFacts

_CHANCE = 1e-3
"""Probability below which something is no chance."""
_GAIN = 0.25
"""Share of the errors of guessing the largest class that a property must save to be named."""
_AREA = 0.95
"""Area under the ROC curve from which a number tells a class from the others."""
_APART = 1.2
"""Ratio of the medians from which that is worth a sentence."""
_LEAST = 10
"""Images of a class, and of the others, for which such an area is computed."""


def find_nuisances(facts: Sequence[ImageFacts], labels: Sequence[int], classes: Sequence[str]) -> list[str]:
    """Find formats, sizes, channels, depths, orientations and compressions that tell the class.

    A network may learn these in place of what the images show. Named are

    - a value that some images have, all of them of one class, if the share of that class to the power of their number,
      the probability of that by chance, is below 0.001;
    - a property by which the classes of the other images with the same value predict an image's class (leave-one-out),
      with at least a quarter fewer errors than the largest class makes;
    - the bytes that a file takes for each pixel, if they tell a class from the others with an area under the ROC
      curve of at least 0.95, and medians a fifth apart: another compression, or another source.

    Args:
        facts: what is known of the images.
        labels: their classes.
        classes: names of the classes.

    Returns:
        A sentence for each.

    """
    properties: dict[str, list[Hashable]] = {
        "format": [fact.format for fact in facts],
        "number of channels": [fact.channels for fact in facts],
        "size": [" x ".join(map(str, fact.size)) for fact in facts],
        "bits per sample": [fact.bits for fact in facts],
        "EXIF orientation": [fact.orientation for fact in facts],
    }
    told = []
    for name, values in properties.items():
        pure = _pure_values(name, values, labels, classes)
        told += pure or _telling_property(name, values, labels)
    return told + _compression(facts, labels, classes)


def _pure_values(name: str, values: Sequence[Hashable], labels: Sequence[int], classes: Sequence[str]) -> list[str]:
    """Values that only one class has."""
    shares = {label: count / len(labels) for label, count in Counter(labels).items()}
    found = _counted(values, labels)
    told = []
    for value, counts in found.items():
        label, number = counts.most_common(1)[0]
        if len(found) > 1 and len(counts) == 1 and shares[label] ** number < _CHANCE:
            told.append(f"All {number} images whose {name} is {value} are {classes[label]}.")
    return told


def _telling_property(name: str, values: Sequence[Hashable], labels: Sequence[int]) -> list[str]:
    """A property that predicts the class of an image by those of the others."""
    found, largest = _counted(values, labels), Counter(labels).most_common(1)[0]
    if len(found) < 2:
        return []
    right = 0
    for value, label in zip(values, labels, strict=True):
        others = found[value] - Counter({label: 1})
        right += label == (others.most_common(1)[0][0] if others else largest[0])
    accuracy, guess = right / len(labels), largest[1] / len(labels)
    # A binomial standard error: by chance no property of a small data set saves that much.
    noise = 3 * (guess * (1 - guess) / len(labels)) ** 0.5
    if accuracy - guess < max(_GAIN * (1 - guess), noise):
        return []
    return [
        f"The {name} alone tells the class of {accuracy:.0%} of the images; the largest class has {guess:.0%} of them."
    ]


def _compression(facts: Sequence[ImageFacts], labels: Sequence[int], classes: Sequence[str]) -> list[str]:
    """Classes whose files take more, or fewer, bytes for each pixel than those of the others."""
    from scipy.stats import mannwhitneyu  # here: whoever only reads images need not wait for it

    density = np.array([fact.stored_bytes / max(prod(fact.size), 1) for fact in facts])
    own = np.array(labels)
    told = []
    # Of two classes one says it all.
    for label, name in enumerate(classes if len(classes) > 2 else classes[:1]):
        inside, outside = density[own == label], density[own != label]
        if min(len(inside), len(outside)) < _LEAST:
            continue
        area = float(mannwhitneyu(inside, outside).statistic) / (len(inside) * len(outside))
        ratio = float(np.median(inside) / max(np.median(outside), 1e-9))
        if max(area, 1 - area) >= _AREA and not 1 / _APART < ratio < _APART:
            usual = f"{np.median(inside):.2g}, others {np.median(outside):.2g}"
            told.append(
                f"Files of {name} take {'more' if area > 0.5 else 'fewer'} bytes per pixel ({usual}), which tells them "
                f"from the others with an area under the ROC curve of {max(area, 1 - area):.2f}."
            )
    return told


def _counted(values: Sequence[Hashable], labels: Sequence[int]) -> dict[Hashable, Counter[int]]:
    found: dict[Hashable, Counter[int]] = defaultdict(Counter)
    for value, label in zip(values, labels, strict=True):
        found[value][label] += 1
    return found
