"""The model's card beside the model, always of the same epoch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ignite.distributed as idist
import torch
from ignite.engine import Engine, Events

from custom.counts import counted
from custom.files import write_atomically
from custom.files.read_json import read_json
from custom.handlers.checkpoint import ResumableCheckpoint
from custom.handlers.history import epoch_metrics
from custom.handlers.validation import AVERAGED
from custom.markdown import escape_markdown, markdown_table
from custom.runs.names import MODEL_CARD_NAME

CAVEATS = """\
- **Not for clinical use.** This is a research model: it has not been examined as a medical device, and nobody
  may be diagnosed or treated by what it says.
- Robust means: against the attack named above, with that radius at that resolution. Other attacks, larger
  radii and changes of the image that are not small perturbations (another camera, light, skin or hospital) are
  not covered.
- The accuracies are of the validation images, by which the best epoch was chosen, so they are a little too
  high; the attack on them is the one of the training. Quote the results of an evaluation on the test images."""


class ModelCard:
    """Write ``model_card.md`` whenever an epoch is the best so far.

    Attach it to the trainer, after the handlers that validate and save.

    Args:
        evaluator: the engine that validates.
        checkpoint: the handler that saves the best weights; the card is written beside them.
        datalist: path of the data set's ``datalist.json``.
        settings: how the model was trained: names and values.
        attack: the attack of training and validation.

    """

    def __init__(
        self,
        evaluator: Engine,
        checkpoint: ResumableCheckpoint,
        datalist: str,
        settings: Mapping[str, Any],
        attack: Any,
    ) -> None:
        self.evaluator = evaluator
        self.checkpoint = checkpoint
        self.datalist = Path(datalist)
        self.settings = settings
        self.attack = attack

    def attach(self, engine: Engine) -> None:
        """Attach the writing to the end of the trainer's epochs.

        Args:
            engine: the trainer.
        """
        if idist.get_rank() == 0:
            engine.add_event_handler(Events.EPOCH_COMPLETED, self)

    def __call__(self, engine: Engine) -> None:
        """Write the card, if the epoch that has ended is the best so far.

        Args:
            engine: the trainer.

        Raises:
            OSError: when the card cannot be written.
        """
        epoch = engine.state.epoch
        if self.checkpoint.best_epoch != epoch:
            return
        metrics = epoch_metrics(engine, self.evaluator)
        text = model_card(self.datalist, self.settings, self.attack, epoch, metrics)
        write_atomically(self.checkpoint.save_dir / MODEL_CARD_NAME, text.encode())


def model_card(
    datalist: Path, settings: Mapping[str, Any], attack: Any, epoch: int, metrics: Mapping[str, float]
) -> str:
    """Write the card of a trained classifier.

    Args:
        datalist: the data set's ``datalist.json``.
        settings: how it was trained: names and values, in the order in which they are to be listed.
        attack: the attack of training and validation, an iterated one.
        epoch: the epoch of the weights.
        metrics: the metrics of that epoch.

    Returns:
        The card as Markdown.

    Raises:
        OSError: when the datalist cannot be read.
    """
    content = read_json(datalist)
    labels: dict[str, str] = content["labels"]
    splits = ("training", "validation", "test")
    counts = {split: Counter(str(item["label"]) for item in content.get(split, [])) for split in splits}
    table = markdown_table(
        ["split", *map(escape_markdown, labels.values())],
        [[split, *(counts[split][label] for label in labels)] for split in splits],
        align="l" + "r" * len(labels),
    )
    words = {"reference": "reference", "licence": "license", "split_by": "split by", "seed": "seed"}
    facts = [f"- {word}: {content[name]}" for name, word in words.items() if name in content]
    accuracies = [
        f"- {word}: {metrics[name]:.1%}"
        for name, word in (
            ("val_accuracy_clean", "clean images"),
            ("val_accuracy_attacked", "attacked images"),
        )
        if name in metrics
    ]
    weights = []
    if AVERAGED in metrics:
        which = "a moving average over the training" if metrics[AVERAGED] else "those at the end of that epoch"
        weights = [f"- these weights: {which}"]
    length = attack.step_length(torch.tensor(attack.epsilon)).item()
    most = "at most " if attack.step_schedule != "constant" else ""
    lines = [
        f"# A robust classifier of {content.get('name', 'images')}: {', '.join(labels.values())}",
        "",
        "## Training",
        *(f"- {name}: {value}" for name, value in settings.items()),
        f"- epoch of these weights: {epoch}",
        *weights,
        "",
        "## Threat model",
        f"The attacker knows the network and its weights, and changes each image by a perturbation whose "
        f"{attack.norm} norm is at most {attack.epsilon}, in pixels from 0 to 1 at the resolution above. The "
        f"attack of training and validation: {type(attack).__name__}, {counted(attack.steps, 'step')} of {most}"
        f"{length:.4g}.",
        "",
        "## Data",
        *facts,
        "",
        table,
        "",
        "## Accuracy on the validation images",
        *accuracies,
        "",
        "## Limits",
        CAVEATS,
        "",
    ]
    return "\n".join(lines)
