"""The base of methods that keep a radius for every training image."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ignite.engine import Engine, Events
from torch import Tensor

from custom.attacks import PGD
from custom.handlers.adversarial_examples import Statistic
from custom.losses import TrainingLoss
from custom.methods.base.method import Method
from custom.radius import RadiusTable


class RadiusPerImage(Method):
    """A method with one radius per training image that outlives an epoch: AMAT, IAAT and IMA.

    The table is in the checkpoint. With several processes it is exchanged at the end of each epoch, as an image may be
    another process's in the next one; an image that is left out of an epoch keeps its radius.

    The table holds radii for the preset epsilon. While a schedule lets the radius rise, an attack uses ``factor`` times
    the table's radius.

    Args:
        attack: the training adversary, with the preset epsilon.
        loss: loss of a mini-batch.

    Attributes:
        radii: the table.
    """

    def __init__(self, attack: PGD, loss: TrainingLoss) -> None:
        super().__init__(attack, loss)
        self.radii = RadiusTable()

    def attach(self, engine: Engine) -> None:
        """Attach the attack, and the exchange between processes at the end of each epoch.

        Args:
            engine: a MONAI trainer.
        """
        super().attach(engine)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self.radii.exchange)

    @staticmethod
    def names(engine: Engine) -> Sequence[str]:
        """The names of the mini-batch's images, by which the table knows them.

        Args:
            engine: the engine that runs the batch.
        """
        return engine.state.batch["image_id"]  # type: ignore[index]

    @staticmethod
    def changes(own: Tensor, new: Tensor, epsilon_max: float = math.inf) -> dict[str, Statistic]:
        """The shares of the radii that grow, shrink, and are at the largest one, if there is one, as statistics.

        Args:
            own: radii before, shape (B,).
            new: radii after, shape (B,).
            epsilon_max: the largest radius.
        """
        # An attack that takes all its steps ends at the radius up to rounding, which leaves it as it is.
        shares = {"grown": new > own, "shrunk": new < (1 - 1e-5) * own}
        if epsilon_max < math.inf:
            shares["capped"] = new >= epsilon_max
        return {name: Statistic(values, "share") for name, values in shares.items()}

    def state_dict(self) -> dict[str, Any]:
        """The radius of every image."""
        return {"radii": self.radii.state_dict()}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Restore the radii of a checkpoint.

        Args:
            state_dict: what :meth:`state_dict` gave.
        """
        self.radii.load_state_dict(state_dict["radii"])
