"""One pass over a data set, clean or under attack, by a stock evaluator."""

from __future__ import annotations

import sys

import torch
from ignite.handlers import ProgressBar
from monai.engines import PrepareBatchExtraInput, SupervisedEvaluator, default_prepare_batch
from torch import nn
from torch.utils.data import DataLoader

from custom.attacks import Attack
from custom.evaluation.prediction_recorder import PredictionRecorder
from custom.handlers import AdversarialExamples
from custom.inferers import AdversarialInferer
from custom.metrics import Predictions


def predict(
    network: nn.Module,
    dataloader: DataLoader,
    attack: Attack | None = None,
    *,
    device: torch.device | str = "cpu",
    name: str = "clean",
    seed: int = 0,
    progress: bool = True,
) -> Predictions:
    """Run a network over a data set with a stock ``SupervisedEvaluator``, each batch attacked first.

    Args:
        network: maps images in [0, 1], shape (B, C, *spatial), to logits (B, classes).
        dataloader: gives batches with ``image``, ``label``, ``image_id`` and, if known, ``lesion_id``.
        attack: makes the adversarial images; none for clean images.
        device: where to compute.
        name: what the progress bar says.
        seed: of attacks that draw random numbers, so that no attack depends on those run before it.
        progress: whether to show a progress bar if stderr is a terminal.

    Returns:
        Predictions in the order of the data set.
    """
    recorder = PredictionRecorder()
    evaluator = SupervisedEvaluator(
        device=torch.device(device),
        val_data_loader=dataloader,
        network=network.to(device),
        prepare_batch=PrepareBatchExtraInput({"image_adv": "image_adv"}) if attack else default_prepare_batch,
        # The clean pass has given the clean probabilities already.
        inferer=AdversarialInferer(clean=attack is None),
        val_handlers=[AdversarialExamples(attack), recorder] if attack else [recorder],
        decollate=False,
    )
    if attack is not None:
        # A resumed evaluation runs only the attacks that are left, and must find the same images.
        attack.reset()
    if progress:
        # A log file would get a line for each batch.
        ProgressBar(desc=name, disable=not sys.stderr.isatty()).attach(evaluator)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        evaluator.run()
    return recorder.predictions(tuple(getattr(attack, "warnings", ())))
