"""About how long a training would take on this machine."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from custom.cli.arguments import as_meant
from custom.cli.command_line import CommandLine
from custom.cli.environment import monai_program
from custom.counts import counted
from custom.files.read_json import read_json

if TYPE_CHECKING:
    from monai.bundle import ConfigParser

    from custom.cli.steps import Step

SAMPLE = 20
"""Images of each class in a sample of a synthetic data set."""


@dataclass(frozen=True)
class Estimate:
    """How long a training takes.

    Attributes:
        seconds: of all epochs and validations.
        epochs: how many there are.
        training: training images.
        validation: validation images.
    """

    seconds: float
    epochs: int
    training: int
    validation: int

    @property
    def duration(self) -> str:
        """The time in words, such as ``12 minutes``."""
        return _duration(self.seconds)

    def __str__(self) -> str:
        return (
            f"About {self.duration} for {counted(self.epochs, 'epoch')} of {counted(self.training, 'image')} and "
            f"validations on {self.validation}, judging by one step here; early stopping may end it sooner."
        )


def training_estimate(arguments: Sequence[str], maker: Step | None = None) -> str:
    """Time a step of a training on random images, and say how long all epochs take.

    Args:
        arguments: what follows ``python``, as in ``-m custom.bundle run training ...``.
        maker: what will make the data set, if it is a synthetic one: a small sample of it is made to look at.

    Returns:
        A sentence.
    """
    command_line = CommandLine.read([monai_program(), *as_meant(arguments[2:])])
    assert command_line is not None, "a training's command line"
    parser = command_line.parser()
    parser.update(command_line.overrides)
    datalist = Path(parser.get_parsed_content("datalist"))
    if not datalist.is_file() and maker is not None:
        with TemporaryDirectory() as sample:
            _make_sample(maker, Path(sample) / "sample")
            parser.update({"datalist": str(Path(sample) / "sample" / "datalist.json")})
            return str(estimate_training(parser, times=maker.per_class // SAMPLE))
    if not datalist.is_file():
        return f"How long it takes can be estimated once {datalist} is there."
    return str(estimate_training(parser))


def _make_sample(maker: Step, folder: Path) -> None:
    """Make a data set with few images, of whose splits those of the whole one are multiples."""
    words = [*maker.arguments, "--output", str(folder), "--per-class", str(SAMPLE)]
    subprocess.run([sys.executable, *words], check=True, capture_output=True)


def estimate_training(parser: ConfigParser, images: int | None = None, times: int = 1) -> Estimate:
    """Time a step of a training on random images.

    Early stopping can end it earlier. Reading the images and a pretrained network's download are not counted.

    Args:
        parser: the training's config, whose data set is there.
        images: images of the step that is timed; the batch size by default. Fewer are faster, and less exact.
        times: how many times the images that are there the data set will have.
    """
    parser.update({"weights": None})
    datalist = Path(parser.get_parsed_content("datalist"))
    content = read_json(datalist)
    training, validation = (times * len(content.get(split, [])) for split in ("training", "validation"))
    batch_size = min(images or int(parser.get_parsed_content("batch_size")), max(training, 1))
    epochs = int(parser.get_parsed_content("warm_up_epochs")) + int(parser.get_parsed_content("fine_tuning_epochs"))
    step, attack = _seconds(parser, batch_size)
    validations = epochs // int(parser.get_parsed_content("val_interval"))
    seconds = (epochs * training * step + validations * validation * attack) / batch_size
    return Estimate(seconds, epochs, training, validation)


def _seconds(parser: Any, batch_size: int) -> tuple[float, float]:
    """Seconds of one step of the training, and of one attacked batch of the validation."""
    import torch
    from monai.engines import SupervisedTrainer

    network, method = parser.get_parsed_content("network"), parser.get_parsed_content("training_method")
    device = torch.device(parser.get_parsed_content("device"))
    shape, classes = parser.get_parsed_content("image_shape"), len(parser.get_parsed_content("class_names"))
    labels = torch.arange(batch_size) % classes
    images = torch.rand(batch_size, *shape, generator=torch.Generator().manual_seed(0))
    trainer = SupervisedTrainer(
        device=device,
        max_epochs=1,
        # The first of them pays for what is made once; other programs slow the others down, so the fastest counts.
        train_data_loader=[{"image": images, "label": labels, "image_id": list(map(str, labels))}] * 3,
        network=network,
        optimizer=torch.optim.SGD(method.parameters(network), lr=0.0),
        loss_function=method.loss,
        inferer=method.inferer(),
        prepare_batch=method.prepare_batch(),
        decollate=False,
    )
    method.attach(trainer)
    times = []
    trainer.add_event_handler("ITERATION_COMPLETED", lambda: times.append(time.perf_counter()))
    trainer.run()
    step = min(later - earlier for earlier, later in pairwise(times))
    start = time.perf_counter()
    parser.get_parsed_content("attack")(network, images.to(device), labels.to(device))
    return step, time.perf_counter() - start


def _duration(seconds: float) -> str:
    if seconds < 90:
        return counted(max(round(seconds), 1), "second")
    if seconds < 5400:
        return f"{round(seconds / 60)} minutes"
    return f"{seconds / 3600:.1f} hours"
