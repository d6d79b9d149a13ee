"""Make every epoch's randomness a function of only the seed and the epoch."""

from __future__ import annotations

import ignite.distributed as idist
from ignite.engine import Engine, Events
from monai.utils import set_determinism

from custom.data.seeded_cache_dataset import SeededCacheDataset


class EpochSeed:
    """Seed all random generators at the start of each epoch, with ``seed + epoch``.

    The order of the images, their augmentation and dropout then do not depend on what came before. A training
    that resumes from the checkpoint of an epoch therefore draws what an uninterrupted one would have drawn,
    and no generator's state need be saved. Every process of several has seeds of its own, as its images would
    otherwise be turned the way another's are; the order of the images is the sampler's business there.

    Args:
        seed: the seed of the training, at least 0.
        dataset: the training dataset, which augments its images by the epoch.

    Example::

        >>> from custom.handlers import EpochSeed
        >>> handler = EpochSeed(seed=0)

    """

    def __init__(self, seed: int, dataset: SeededCacheDataset | None = None) -> None:
        self.seed = seed
        self.dataset = dataset

    def attach(self, engine: Engine) -> None:
        """Attach the seeding to the start of the engine's epochs.

        Args:
            engine: a trainer.
        """
        engine.add_event_handler(Events.EPOCH_STARTED, self)

    def __call__(self, engine: Engine) -> None:
        """Seed for the epoch that starts.

        Args:
            engine: a trainer.
        """
        # Neighboring seeds share no epochs: 1000003 is a prime above any number of epochs. Nor do processes.
        seed = (self.seed * 1_000_003 + idist.get_rank() * 10_007 + engine.state.epoch) % 2**32
        set_determinism(seed)
        if self.dataset is not None:
            self.dataset.set_epoch(engine.state.epoch)
