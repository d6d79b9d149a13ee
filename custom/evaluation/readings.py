"""Which predictions to read probabilities from: clean, and under the strongest such attack of each ball."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from custom.evaluation.select_attacks import SelectedAttack
from custom.metrics import CLEAN_KEY, AttackKey, Predictions


@dataclass(frozen=True)
class Reading:
    """Predictions of which each image counts.

    Attributes:
        key: what identifies them.
        predictions: on all images.
    """

    key: AttackKey
    predictions: Predictions

    def as_json(self) -> dict[str, Any]:
        """What identifies the predictions, as ``metrics.json`` has it."""
        return {"attack": self.key.attack, "norm": self.key.norm or None, "epsilon": self.key.epsilon}


def readings(
    clean: Predictions, attacks: Sequence[SelectedAttack], attacked: Mapping[AttackKey, Predictions]
) -> list[Reading]:
    """Clean predictions, and of each ball those of the attack with the lowest accuracy that attacks every image.

    Args:
        clean: predictions on clean images.
        attacks: the attacks.
        attacked: predictions under each of them.
    """
    strongest: dict[tuple[str, float], AttackKey] = {}
    for item in attacks:
        if not item.every_image or item.further_radius:
            continue
        ball = (item.attack.norm, item.attack.epsilon)
        best = strongest.setdefault(ball, item.key)
        if attacked[item.key].accuracy < attacked[best].accuracy:
            strongest[ball] = item.key
    return [Reading(CLEAN_KEY, clean), *(Reading(key, attacked[key]) for key in strongest.values())]
