"""How long a training waits for its batches."""

import tempfile
from pathlib import Path

import torch
from ignite.engine import Engine, Events
from monai.bundle import ConfigParser
from torch.utils.benchmark import timer

from benchmarks.groups import Group
from custom.acceleration.cpu import freed_memory_kept
from custom.data.synthetic import make_synthetic

TRAIN_CONFIG = Path(__file__).resolve().parents[1] / "bundle" / "configs" / "train.json"
BATCHES = 6
# Images are resized before they are cached, so their own size is out of the epoch.
EDGE = 64
# Share of the synthetic images that are for training, and the fewest that make a data set.
TRAINING_SHARE, FEWEST = 0.7, 10


class IterationTimes:
    """Seconds that each iteration of an epoch waits for its batch, and that it takes in total.

    Ignite's ``BasicTimeProfiler`` leaves out the start of the loader's workers, which falls between its events,
    and counts an iteration's handlers, with them the attack, apart from it.

    Attributes:
        waiting: from the end of the iteration before, or the start of the epoch, to the batch.
        iteration: from there to the end of the iteration.
    """

    def __init__(self) -> None:
        self.waiting: list[float] = []
        self.iteration: list[float] = []
        self._start = 0.0

    def attach(self, engine: Engine) -> None:
        """Attach the clock to a trainer, after its other handlers."""
        engine.add_event_handler(Events.EPOCH_STARTED, self.start)
        engine.add_event_handler(Events.GET_BATCH_COMPLETED, self.got_batch)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self.end_iteration)

    def start(self, engine: Engine) -> None:
        """Start an iteration."""
        self._start = timer()

    def got_batch(self, engine: Engine) -> None:
        """Record how long the batch was waited for."""
        self.waiting.append(timer() - self._start)

    def end_iteration(self, engine: Engine) -> None:
        """Record how long the iteration took, and start the next."""
        self.iteration.append(timer() - self._start)
        self.start(engine)


def train_an_epoch(group: Group, device: torch.device) -> IterationTimes:
    """Train for an epoch by the training config, on synthetic images.

    Args:
        group: method, network, image size and batch size of the training.
        device: where to train.

    Returns:
        The times of about six iterations, those of the first with the start of the loader's workers.
    """
    times = IterationTimes()
    with tempfile.TemporaryDirectory() as folder:
        per_class = max(FEWEST, round(BATCHES * group.batch_size / 3 / TRAINING_SHARE))
        make_synthetic(Path(folder), per_class, EDGE, workers=1)
        trainer = _trainer(group, device, Path(folder))
        times.attach(trainer)
        with freed_memory_kept():
            trainer.run()
    return times


def _trainer(group: Group, device: torch.device, folder: Path) -> Engine:
    """The trainer of the training config, without records and output."""
    config = ConfigParser()
    config.read_config(TRAIN_CONFIG)
    config.update(
        {
            "method": group.method,
            "backbone": group.network,
            "weights": None,
            "image_size": group.size,
            "batch_size": group.batch_size,
            "warm_up_epochs": 0,
            "fine_tuning_epochs": 1,
            "record": False,
            "device": device,
            "dataset_dir": str(folder),
            "output_dir": str(folder / "run"),
        }
    )
    config["training_handlers#progress#_disabled_"] = True
    trainer: Engine = config.get_parsed_content("train#trainer")
    return trainer
