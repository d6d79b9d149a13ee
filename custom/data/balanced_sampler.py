"""Every class as often as the others, however rare its images are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from torch.utils.data import WeightedRandomSampler


def balanced_sampler(items: Sequence[Mapping[str, Any]]) -> WeightedRandomSampler:
    """Draw as many images as there are, with replacement, each class with the same probability.

    Args:
        items: the items of the training data, each with a ``label``.

    Returns:
        torch's sampler, which draws from the generator that is seeded every epoch.

    Example::

        >>> from custom.data.balanced_sampler import balanced_sampler
        >>> sampler = balanced_sampler([{"label": 0}, {"label": 0}, {"label": 0}, {"label": 1}])
        >>> [round(float(weight), 3) for weight in sampler.weights]
        [0.333, 0.333, 0.333, 1.0]

    """
    counts = Counter(item["label"] for item in items)
    return WeightedRandomSampler([1 / counts[item["label"]] for item in items], num_samples=len(items))
