"""A cached data set whose augmentation depends only on the seed, the epoch and the image."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from monai.data import CacheDataset
from monai.transforms import Randomizable


class SeededCacheDataset(CacheDataset):
    """MONAI's ``CacheDataset``, with random transforms that are seeded for every image of every epoch.

    Random transforms have generators of their own, which a loader's workers copy: what an image becomes would depend on
    which worker reads it, and so on how many there are. Here it is a function of the seed, the epoch and the image's
    index, whatever the number of workers or of processes that train together.

    Args:
        data: the items.
        transform: transforms, the random ones last; a ``Compose``.
        seed: seed of the augmentation.
        options: further arguments of ``CacheDataset``.

    Example::

        >>> from monai.transforms import Compose, RandFlipd
        >>> from custom.data.seeded_cache_dataset import SeededCacheDataset
        >>> flip = Compose([RandFlipd("image", prob=0.5)])
        >>> dataset = SeededCacheDataset([{"image": "..."}], flip, seed=3, cache_rate=0.0, progress=False)
        >>> dataset.set_epoch(2)

    """

    def __init__(self, data: Any, transform: Any, seed: int = 0, **options: Any) -> None:
        super().__init__(data, transform, **options)
        self.seed = seed
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Draw what belongs to an epoch from here on.

        Args:
            epoch: number of the epoch, at least 0.
        """
        self.epoch = epoch

    def _transform(self, index: int) -> Any:
        number, torch_seed = np.random.SeedSequence([self.seed, self.epoch, index]).generate_state(2)
        if isinstance(self.transform, Randomizable):
            self.transform.set_random_state(seed=int(number))
        # Transforms of torchvision draw from torch's own generator, on which the order of the images depends, too.
        with torch.random.fork_rng(devices=[]):
            # torch.manual_seed seeds every device, and keeps a stack trace for CUDA each time: a millisecond an image.
            torch.default_generator.manual_seed(int(torch_seed))
            return super()._transform(index)
