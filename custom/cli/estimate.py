"""About how long a training would take on this machine."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from custom.cli.arguments import as_meant
from custom.cli.bundle import monai_program
from custom.cli.command_line import CommandLine


def training_estimate(arguments: Sequence[str]) -> str:
    """Time a step of a training on random images, and say how long all epochs take.

    Early stopping can end it earlier. Reading the images and a pretrained network's download are not counted.

    Args:
        arguments: what follows ``python``, as in ``-m custom.bundle run training ...``.

    Returns:
        A sentence.
    """
    command_line = CommandLine.read([monai_program(), *as_meant(arguments[2:])])
    assert command_line is not None, "a training's command line"
    parser = command_line.parser()
    parser.update({**command_line.overrides, "weights": None})
    datalist = Path(parser.get_parsed_content("datalist"))
    if not datalist.is_file():
        return f"How long it takes can be told when {datalist} is there."
    content: dict[str, Any] = json.loads(datalist.read_text(encoding="utf-8"))
    training, validation = (len(content.get(split, [])) for split in ("training", "validation"))
    batch_size = int(parser.get_parsed_content("batch_size"))
    epochs = int(parser.get_parsed_content("warm_up_epochs")) + int(parser.get_parsed_content("fine_tuning_epochs"))
    step, attack = _seconds(parser, min(batch_size, max(training, 1)))
    validations = epochs // int(parser.get_parsed_content("val_interval"))
    seconds = (epochs * training * step + validations * validation * attack) / batch_size
    return (
        f"About {_duration(seconds)} for {epochs} epochs of {training} images and {validations} validations on "
        f"{validation}, by the time of one step here; early stopping may end it before."
    )


def _seconds(parser: Any, batch_size: int) -> tuple[float, float]:
    """Seconds of one step of the training, and of one attacked batch of the validation."""
    import torch
    from monai.engines import SupervisedTrainer

    network, method = parser.get_parsed_content("network"), parser.get_parsed_content("training_method")
    device = torch.device(parser.get_parsed_content("device"))
    size, classes = parser.get_parsed_content("image_size"), len(parser.get_parsed_content("class_names"))
    labels = torch.arange(batch_size) % classes
    images = torch.rand(batch_size, 3, size, size, generator=torch.Generator().manual_seed(0))
    trainer = SupervisedTrainer(
        device=device,
        max_epochs=1,
        # The first of them pays for what is made once.
        train_data_loader=[{"image": images, "label": labels, "image_id": list(map(str, labels))}] * 2,
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
    step = times[-1] - times[-2]
    start = time.perf_counter()
    parser.get_parsed_content("attack")(network, images.to(device), labels.to(device))
    return step, time.perf_counter() - start


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(round(seconds), 1)} seconds"
    if seconds < 5400:
        return f"{round(seconds / 60)} minutes"
    return f"{seconds / 3600:.1f} hours"
