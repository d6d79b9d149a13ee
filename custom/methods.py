"""The training methods by name: which radius rule and which loss weights make each of them."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Literal

RadiusRule = Literal["none", "fixed", "amat", "dpaat"]


@dataclass(frozen=True)
class TrainingMethod:
    """What tells one training method from another.

    Attributes:
        name: its short name.
        radius: where the adversarial examples' radius comes from; ``"none"``: there are no adversarial examples.
        alpha: weight of the adversarial cross-entropy in :class:`custom.losses.AdversarialLoss`.
        beta: weight of the synchronization loss.
    """

    name: str
    radius: RadiusRule
    alpha: float
    beta: float

    @property
    def needs_clean(self) -> bool:
        """Whether the loss has a part for the clean images."""
        return self.radius == "none" or self.alpha < 1 or self.beta > 0


def training_method(name: str, alpha: float = 0.5, beta: float = 1.0) -> TrainingMethod:
    """Look a training method up, with the weights that it takes.

    ========================= ========= ============= ============
    name                      radius    alpha         beta
    ========================= ========= ============= ============
    ``std``                   none      0             0
    ``at`` (equation 3)       fixed     1             0
    ``sat`` (equation 4)      fixed     as given      0
    ``amat`` (equations 5-7)  AMAT      0.5           0
    ``dpaat`` (11-16)         DPAAT     as given      as given
    ``dpaat_adaptation``      DPAAT     as given      0
    ``dpaat_synchronization`` fixed     as given      as given
    ========================= ========= ============= ============

    The last two are the ablations D-A and D-B of the paper.

    Args:
        name: one of the names above.
        alpha: weight of the adversarial cross-entropy where the method leaves it open, in [0, 1].
        beta: weight of the synchronization loss where the method has one, at least 0.

    Returns:
        The method.

    Raises:
        ValueError: when there is no such method.

    Example::

        >>> from custom.methods import training_method
        >>> training_method("sat")
        TrainingMethod(name='sat', radius='fixed', alpha=0.5, beta=0.0)

    """
    methods: dict[str, TrainingMethod] = {
        method.name: method
        for method in (
            TrainingMethod("std", "none", 0.0, 0.0),
            TrainingMethod("at", "fixed", 1.0, 0.0),
            TrainingMethod("sat", "fixed", alpha, 0.0),
            TrainingMethod("amat", "amat", 0.5, 0.0),
            TrainingMethod("dpaat", "dpaat", alpha, beta),
            TrainingMethod("dpaat_adaptation", "dpaat", alpha, 0.0),
            TrainingMethod("dpaat_synchronization", "fixed", alpha, beta),
        )
    }
    if name not in methods:
        near = difflib.get_close_matches(str(name), methods, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"There is no training method {name!r}; there are {', '.join(methods)}.{hint}")
    return methods[name]
