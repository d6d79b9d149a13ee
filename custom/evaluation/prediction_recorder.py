"""Collect an evaluator's predictions, image by image."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import torch
from ignite.engine import Engine, Events
from torch import Tensor

from custom.attacks import perturbation_norm
from custom.files.csv_cell import valid_text
from custom.metrics import Predictions


class PredictionRecorder:
    """Handler that keeps every image's probabilities, also of the images rounded to 8 bits.

    Attached to a ``SupervisedEvaluator`` with ``decollate=False`` and `custom.inferers.AdversarialInferer`. A
    perturbation that survives only in floating point is no threat to images stored as files, hence the second
    look at rounded images: one more forward pass.

    Args:
        adversarial_key: where the batch holds adversarial images; without them the clean images count.

    Example:
        >>> recorder = PredictionRecorder()
        >>> recorder.attach(evaluator)  # doctest: +SKIP
        >>> evaluator.run()  # doctest: +SKIP
        >>> recorder.predictions().accuracy  # doctest: +SKIP
        0.67
    """

    def __init__(self, adversarial_key: str = "image_adv") -> None:
        self.adversarial_key = adversarial_key
        self.reset()

    def reset(self) -> None:
        """Forget what was collected."""
        self.names: list[tuple[str, str]] = []
        self.columns: dict[str, list[Tensor]] = {
            key: [] for key in ("labels", "probabilities", "rounded", "l2", "linf")
        }
        self.image_shape: tuple[int, ...] = ()
        self.digest = hashlib.sha256()

    def attach(self, engine: Engine) -> None:
        """Collect from now on.

        Args:
            engine: the evaluator to listen to.
        """
        engine.add_event_handler(Events.STARTED, lambda _: self.reset())
        engine.add_event_handler(Events.ITERATION_COMPLETED, self)

    def __call__(self, engine: Engine) -> None:
        """Add the batch that the engine has just run.

        Args:
            engine: the evaluator.

        Raises:
            ValueError: if the network's answer to an image is not finite, naming the image.
        """
        batch: dict[str, Any] = engine.state.batch  # type: ignore[assignment]
        output: dict[str, Any] = engine.state.output  # type: ignore[assignment]
        clean = torch.as_tensor(output["image"])
        labels = torch.as_tensor(output["label"])
        logits = output["pred"].clean if output["pred"].adversarial is None else output["pred"].adversarial
        images = torch.as_tensor(batch.get(self.adversarial_key, clean)).to(clean)
        with torch.no_grad(), engine.mode(engine.network):  # type: ignore[attr-defined]
            rounded = engine.network(torch.round(images * 255) / 255)  # type: ignore[attr-defined]
        self.image_shape = tuple(clean.shape[1:])
        image_ids = [valid_text(name) for name in batch["image_id"]]
        finite = torch.as_tensor(logits).isfinite().all(dim=1) & torch.as_tensor(rounded).isfinite().all(dim=1)
        if not bool(finite.all()):
            image = image_ids[int((~finite).nonzero()[0])]
            raise ValueError(f"The network returns NaN or infinity for the image {image}; its results would be wrong.")
        self.names += zip(image_ids, map(valid_text, batch.get("lesion_id", image_ids)), strict=True)
        row = {
            "labels": labels,
            "probabilities": torch.softmax(torch.as_tensor(logits).double(), dim=1),
            "rounded": torch.softmax(torch.as_tensor(rounded).double(), dim=1),
            "l2": perturbation_norm(images - clean, "l2").double(),
            "linf": perturbation_norm(images - clean, "linf").double(),
        }
        for key, value in row.items():
            self.columns[key].append(value.detach().cpu())
        for array in (clean, labels):
            self.digest.update(np.ascontiguousarray(array.detach().cpu().numpy()).tobytes())
        self.digest.update("\n".join(image_ids).encode())

    def predictions(self, notes: tuple[str, ...] = ()) -> Predictions:
        """Everything collected since the engine started.

        Args:
            notes: warnings to keep with the predictions.
        """
        columns = {key: torch.cat(values).numpy() for key, values in self.columns.items()}
        image_ids, lesion_ids = (np.array(column, dtype=str) for column in zip(*self.names, strict=True))
        return Predictions(
            image_ids,
            lesion_ids,
            **columns,
            image_shape=self.image_shape,
            data_hash=self.digest.hexdigest(),
            notes=notes,
        )
