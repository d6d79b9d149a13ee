"""Accuracy under common corruptions: the robustness that clinics meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from custom.attacks import Attack
from custom.evaluation.attack_runner import AttackRunner
from custom.evaluation.class_subset import class_subset
from custom.evaluation.corruptions import CORRUPTIONS, SEVERITIES, Corruption
from custom.evaluation.intervals import Intervals
from custom.metrics import Predictions


class CorruptionAttack(Attack):
    """A corruption in the place of an attack, so that it runs, and resumes, like one; it knows no network.

    Args:
        corruption: the kind.
        severity: from 1 to 5.
        seed: of its random numbers.
    """

    def __init__(self, corruption: Corruption, severity: int, seed: int = 0) -> None:
        # Any change of a value is allowed.
        super().__init__(epsilon=1.0, norm="linf")
        self.corruption, self.severity, self.seed = corruption, severity, seed
        self.parameter = str(corruption.parameters[severity - 1])

    @property
    def name(self) -> str:
        """The kind and its severity."""
        return f"{self.corruption.name} {self.severity}"

    def perturb(self, network: nn.Module, images: Tensor, labels: Tensor, epsilon: Tensor) -> Tensor:
        """Corrupt each image."""
        return torch.stack([self.corruption(image, self.severity, self.seed) for image in images])


@dataclass(frozen=True)
class CorruptionBenchmark:
    """Measure accuracy under each kind of corruption at five severities.

    Args:
        images: how many images to use, the classes alike; 0 for all.
        names: the kinds; by default all of `custom.evaluation.corruptions.CORRUPTIONS`.

    Raises:
        ValueError: if a kind is unknown, or the number of images is negative.
    """

    images: int = 0
    names: Sequence[str] | None = None

    def __post_init__(self) -> None:
        if self.images < 0:
            raise ValueError(f"The corruptions' number of images must be 0 (all) or more, not {self.images}.")
        for name in self.chosen:
            if name not in CORRUPTIONS:
                raise ValueError(f"Unknown corruption {name!r}; use {', '.join(CORRUPTIONS)}.")

    @property
    def chosen(self) -> list[str]:
        """The kinds to use."""
        return [self.names] if isinstance(self.names, str) else list(self.names or CORRUPTIONS)

    def measure(self, runner: AttackRunner, clean: Predictions, intervals: Intervals) -> dict[str, Any] | None:
        """Corrupt the images and classify them.

        Args:
            runner: runs the network.
            clean: predictions on the clean images.
            intervals: of the images.

        Returns:
            What ``metrics.json`` holds under ``corruptions``; ``None`` for what is not an image of 1 or 3 channels.
        """
        if len(clean.image_shape) != 3 or clean.image_shape[0] not in (1, 3):
            return None
        indices = class_subset(clean.labels, self.images or len(clean.labels))
        here = intervals.of_images(indices)
        correct: dict[str, list[np.ndarray]] = {name: [] for name in self.chosen}
        results = []
        for name in self.chosen:
            for severity in SEVERITIES:
                attack = CorruptionAttack(CORRUPTIONS[name], severity, runner.seed)
                found = runner.run(f"corruption {attack.name}", attack, indices, quiet=True)
                correct[name].append(found.correct)
                parameters = {"value": attack.parameter}
                results.append(
                    {
                        "corruption": name,
                        "severity": severity,
                        "accuracy": here.share(found.correct),
                        "parameters": parameters,
                    }
                )
            shares = ", ".join(f"{found.mean():.1%}" for found in correct[name])
            runner.say(f"{name}, from severity 1 to 5: accuracy {shares}")
        by_corruption = {name: here.share(np.mean(found, axis=0)) for name, found in correct.items()}
        everything = np.mean([np.mean(found, axis=0) for found in correct.values()], axis=0)
        return {
            "severities": list(SEVERITIES),
            "images": len(indices),
            "results": results,
            "by_corruption": by_corruption,
            "mean": here.share(everything),
            "clean": here.share(clean.correct[indices]),
            "worst": min(by_corruption, key=lambda name: by_corruption[name]["value"] or 0.0),
        }
