"""LBGAT: learnable boundary guided adversarial training."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from torch import Tensor, nn

from custom.attacks import PGD
from custom.attacks.network_state import unwrap
from custom.distributed import data_parallel
from custom.inferers import AdversarialInferer, AdversarialLogits
from custom.losses import LBGATLoss
from custom.methods.base import Method
from custom.methods.trades import divergence_attack


class LBGAT(Method):
    """Draw the logits of adversarial images to those that a teacher, trained along, has for the clean ones.

    Cui et al., "Learnable boundary guided adversarial training", ICCV 2021; see :class:`custom.losses.LBGATLoss`. The
    teacher learns the clean images alone. It starts as a copy of the network, is trained whole from the first epoch
    by the same optimizer, and is in the checkpoint; the run's weights are those of the network.

    Args:
        attack: the training adversary, whose loss and start are replaced by those of TRADES.
        beta: weight of TRADES' divergence, at least 0: 0 or 6 in the source.
        label_smoothing: share of each label that is spread over all classes in the teacher's loss, in [0, 1).

    Raises:
        ValueError: if ``beta`` or ``label_smoothing`` is out of range.

    Example::

        >>> import torch
        >>> from custom.attacks import PGD
        >>> from custom.methods.lbgat import LBGAT
        >>> method = LBGAT(PGD(epsilon=0.3, step_size=0.15, steps=7))
        >>> len(list(method.parameters(torch.nn.Linear(4, 3))))
        4

    """

    def __init__(self, attack: PGD, beta: float = 0.0, label_smoothing: float = 0.0) -> None:
        super().__init__(divergence_attack(attack), LBGATLoss(beta, label_smoothing))
        self.teacher: nn.Module | None = None

    def parameters(self, network: nn.Module) -> Iterator[nn.Parameter]:
        """The parameters of the network and of the teacher, which is made here.

        Args:
            network: the classifier.
        """
        if self.teacher is None:
            self.teacher = data_parallel(copy.deepcopy(unwrap(network))).train()
        return chain(network.parameters(), self.teacher.parameters())

    def inferer(self, **options: Any) -> AdversarialInferer:
        """The inferer, which calls the teacher as well.

        Args:
            options: keyword arguments of :class:`custom.inferers.AdversarialInferer`.
        """
        return TeacherInferer(self, clean=self.loss.needs_clean, **options)

    def state_dict(self) -> dict[str, Any]:
        """The teacher's weights."""
        return {} if self.teacher is None else {"teacher": unwrap(self.teacher).state_dict()}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Restore the teacher's weights from a checkpoint.

        Args:
            state_dict: what :meth:`state_dict` gave.
        """
        if self.teacher is not None:
            unwrap(self.teacher).load_state_dict(state_dict["teacher"])


class TeacherInferer(AdversarialInferer):
    """Call the network on clean and adversarial images, and the teacher on the clean ones.

    Args:
        method: the method, which makes the teacher when the optimizer is built.
        options: as for :class:`custom.inferers.AdversarialInferer`.
    """

    def __init__(self, method: LBGAT, **options: Any) -> None:
        super().__init__(**options)
        self.method = method

    @property
    def further_networks(self) -> tuple[nn.Module, ...]:  # type: ignore[override]
        """The teacher."""
        return () if self.method.teacher is None else (self.method.teacher,)

    def __call__(self, inputs: Tensor, network: Any, *, image_adv: Tensor | None = None) -> AdversarialLogits:
        """Compute the logits of one batch; see the base class.

        Returns:
            The logits, with those of the teacher as ``teacher`` in ``extra``.

        Raises:
            RuntimeError: if no optimizer has asked for :meth:`LBGAT.parameters`, so that nothing trains the teacher.
        """
        if self.method.teacher is None:
            raise RuntimeError("LBGAT has no teacher yet; build the optimizer from the method's parameters(network).")
        logits = super().__call__(inputs, network, image_adv=image_adv)
        teacher = super().__call__(inputs, self.method.teacher).clean
        assert teacher is not None
        return logits._replace(extra={"teacher": teacher})
