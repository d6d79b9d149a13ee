"""Attacks over a data set, each of which counts once it is finished."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import numpy as np
import torch
from monai.data import DataLoader
from numpy.typing import NDArray
from torch import nn
from torch.utils.data import Subset

from custom.attacks import Attack
from custom.evaluation.fingerprint import describe_attack, fingerprint
from custom.evaluation.predict import predict
from custom.metrics import Predictions
from custom.networks import weights_sha256

FEW_IMAGES = 256


class AttackRunner:
    """Runs attacks over a data set, and keeps what each has found, so that an interrupted evaluation resumes.

    Every attack starts from its own seed, whatever ran before it: an evaluation that resumes ends with the figures of
    one that ran through. What was kept counts as long as weights, images and the attack's parameters are the same.

    Args:
        network: maps images in [0, 1], shape (B, C, *spatial), to logits (B, classes).
        dataloader: the images in a fixed order: batches with ``image``, ``label``, ``image_id`` and, if known,
            ``lesion_id``.
        parts: folder for what was found; made if it is missing.
        device: where to compute.
        seed: of attacks that draw random numbers.
        progress: whether to show a bar and a line for each attack.
    """

    def __init__(
        self,
        network: nn.Module,
        dataloader: DataLoader,
        parts: Path,
        *,
        device: torch.device | str = "cpu",
        seed: int = 0,
        progress: bool = True,
    ) -> None:
        self.network, self.dataloader, self.parts = network, dataloader, parts
        self.device, self.seed, self.progress = device, seed, progress
        self.weights = weights_sha256(network.state_dict())
        self._data_hash = ""

    def clean(self) -> Predictions:
        """Predictions on the clean images; they come before any attack."""
        predictions = self._predict("clean", None, self.dataloader)
        self._data_hash = predictions.data_hash
        self.say(f"clean: accuracy {predictions.accuracy:.1%}")
        return predictions

    def run(
        self,
        name: str,
        attack: Attack,
        indices: NDArray[np.int64] | None = None,
        *,
        quiet: bool = False,
        seed: int | None = None,
    ) -> Predictions:
        """Predictions under an attack: read if they are there and still hold, else made and kept.

        Args:
            name: what to call it; two attacks of one evaluation have two names.
            attack: the attack.
            indices: which images to attack, in ascending order; all if none are given.
            quiet: whether to leave out the line about its accuracy.
            seed: of random numbers that are not the attack's own, such as a randomized network's; by default that of
                all attacks.

        Returns:
            Predictions on these images.
        """
        path = self.parts / f"{quote(name, safe=' ')}.npz"
        follows_from = fingerprint(
            weights=self.weights,
            data=self._data_hash,
            images=None if indices is None else indices.tolist(),
            attack=describe_attack(attack),
            seed=self.seed if seed is None else seed,
        )
        predictions = Predictions.load(path, follows_from)
        kept = predictions is not None
        if predictions is None:
            predictions = self._predict(name, attack, self.subset(indices), seed)
            predictions.save(path, follows_from)
        if not quiet:
            self.say(f"{name}: accuracy {predictions.accuracy:.1%}{' (found before)' if kept else ''}")
        return predictions

    def subset(self, indices: NDArray[np.int64] | None, batch_size: int | None = None) -> DataLoader:
        """A loader of some of the images.

        Args:
            indices: which images; all if none are given.
            batch_size: images at a time, by default those of the data loader.
        """
        loader = self.dataloader
        if indices is None:
            return loader
        return DataLoader(
            Subset(loader.dataset, [int(index) for index in indices]),
            batch_size=batch_size or loader.batch_size,
            # Starting a worker takes longer than reading a few images.
            num_workers=0 if len(indices) <= FEW_IMAGES else loader.num_workers,
            collate_fn=loader.collate_fn,
        )

    def say(self, *lines: str) -> None:
        """Print lines, unless progress is not wanted."""
        if self.progress:
            print(*lines, sep="\n", flush=True)

    def _predict(self, name: str, attack: Attack | None, loader: DataLoader, seed: int | None = None) -> Predictions:
        return predict(
            self.network,
            loader,
            attack,
            device=self.device,
            name=name,
            seed=self.seed if seed is None else seed,
            progress=self.progress,
        )
