"""CFA: class-wise calibrated fair adversarial training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ignite.distributed as idist
import torch
from ignite.engine import Engine, Events
from monai.utils import CommonKeys
from torch import Tensor, nn

from custom.attacks import PGD
from custom.handlers import FairWeightAveraging, WeightAveraging
from custom.losses import AdversarialLoss, CFALoss
from custom.losses.base import checked_share, checked_weight
from custom.methods.base import Examples, Method, Statistic
from custom.methods.base.warm_up import checked_epochs
from custom.methods.trades import divergence_attack
from custom.radius import cfa_radius


class CFA(Method):
    """Calibrate adversarial training by class, from how well each class withstood the attack in the last epoch.

    Wei et al., "CFA: class-wise calibrated fair adversarial training", CVPR 2023, with its three parts:

    - a radius for each class, the larger, the better the class withstood, see :func:`custom.radius.cfa_radius`;
    - on top of TRADES, if ``beta`` is greater than 0: by the same rule a weight beta_y of the divergence for each
      class, see :class:`custom.losses.CFALoss`; on top of AT, if it is 0, the loss is L(x_adv);
    - an average of the weights over the epochs whose worst class is robust enough, see
      :class:`custom.handlers.FairWeightAveraging`, which is validated beside the weights that are trained on.

    The accuracy of a class is that of the training passes on the adversarial images, which costs nothing.

    Args:
        attack: the training adversary, with the preset epsilon; on top of TRADES its loss and start are replaced.
        base: radius and weight of a class that is never classified correctly, as a share of epsilon and ``beta``, at
            least 0.
        warm_up: number of epochs in which every class has the preset epsilon and ``beta``, at least 0.
        beta: weight of TRADES' divergence, at least 0: 0 or 6 in the source.
        averaging_decay: share of the old average that is kept in an epoch, in (0, 1); 0 for the average over the
            iterations that any method can have.
        averaging_threshold: accuracy of the worst class on attacked validation images that an epoch needs to be
            averaged, in [0, 1].
        label_smoothing: share of each label that is spread over all classes, in [0, 1).

    Raises:
        ValueError: if a hyperparameter is out of range.

    Example::

        >>> from custom.attacks import PGD
        >>> from custom.methods.cfa import CFA
        >>> method = CFA(PGD(epsilon=0.3, step_size=0.15, steps=7), warm_up=5)

    """

    warm_up: int

    def __init__(
        self,
        attack: PGD,
        base: float = 0.5,
        warm_up: int = 10,
        beta: float = 0.0,
        averaging_decay: float = 0.88,
        averaging_threshold: float = 0.2,
        label_smoothing: float = 0.0,
    ) -> None:
        self.base = checked_weight("base", base)
        self.beta = checked_weight("beta", beta)
        self.warm_up = checked_epochs("warm_up", warm_up)
        self.averaging_decay = checked_share("averaging_decay", averaging_decay)
        self.averaging_threshold = checked_share("averaging_threshold", averaging_threshold)
        if beta > 0:
            super().__init__(divergence_attack(attack), CFALoss(beta, label_smoothing))
        else:
            super().__init__(attack, AdversarialLoss(alpha=1.0, beta=0.0, label_smoothing=label_smoothing))
        self.robust_accuracy: Tensor | None = None
        self._counts: Tensor | None = None

    def attach(self, engine: Engine) -> None:
        """Attach the attack, and the counting of what withstood it.

        Args:
            engine: a MONAI trainer.

        Raises:
            ValueError: if the warm-up is as long as the training.
        """
        super().attach(engine)
        engine.add_event_handler(Events.EPOCH_STARTED, self.start_epoch)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self.count)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self.summarize)

    def averaging(self, network: nn.Module, decay: float) -> WeightAveraging | None:
        """The average over the epochs that are robust enough, unless ``averaging_decay`` is 0; see the base class."""
        if self.averaging_decay == 0:
            return super().averaging(network, decay)
        return FairWeightAveraging(network, self.averaging_decay, self.averaging_threshold)

    def start_epoch(self, engine: Engine) -> None:
        """Give each class its weight of the divergence.

        Args:
            engine: a MONAI trainer.
        """
        if isinstance(self.loss, CFALoss) and self.robust_accuracy is not None and engine.state.epoch > self.warm_up:
            self.loss.class_beta = (self.base + self.robust_accuracy) * self.beta

    def perturb(self, engine: Engine, network: nn.Module, images: Tensor, labels: Tensor) -> Examples:
        """Attack each image with its class's radius; see the base class."""
        epsilon = torch.full((len(images),), self.attack.epsilon, dtype=images.dtype, device=images.device)
        if self.robust_accuracy is not None and engine.state.epoch > self.warm_up:
            radii = cfa_radius(self.robust_accuracy, epsilon=self.attack.epsilon, base=self.base)
            epsilon = radii.to(epsilon)[labels]
        images_adv = self.attack(network, images, labels, epsilon)
        return self.measured(images, images_adv, epsilon=Statistic(epsilon, "mean_and_std"))

    def count(self, engine: Engine) -> None:
        """Count the images of each class, and those that were classified correctly under attack.

        Args:
            engine: a MONAI trainer that has run a mini-batch.
        """
        output: dict[str, Any] = engine.state.output  # type: ignore[assignment]
        logits, labels = output[CommonKeys.PRED].adversarial, torch.as_tensor(output[CommonKeys.LABEL])
        if logits is None:
            return
        classes = logits.shape[1]
        right = labels[logits.detach().argmax(1) == labels]
        counts = torch.stack([part.bincount(minlength=classes) for part in (right, labels)]).double().cpu()
        self._counts = counts if self._counts is None else self._counts + counts

    def summarize(self, engine: Engine) -> None:
        """Find the robust accuracy of every class in the epoch that has ended; a class without images keeps its own.

        Args:
            engine: a MONAI trainer.
        """
        if self._counts is None:
            return
        counts = self._counts
        if idist.get_world_size() > 1:
            counts = torch.as_tensor(idist.all_reduce(counts))
        right, total = counts
        # A class that was never seen keeps the preset epsilon.
        before = torch.full_like(right, 1 - self.base) if self.robust_accuracy is None else self.robust_accuracy
        self.robust_accuracy = torch.where(total > 0, right / total.clamp_min(1), before)
        self._counts = None

    def state_dict(self) -> dict[str, Any]:
        """The robust accuracy of every class in the last epoch."""
        return {"robust_accuracy": self.robust_accuracy}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Restore the accuracies of a checkpoint.

        Args:
            state_dict: what :meth:`state_dict` gave.
        """
        self.robust_accuracy = state_dict["robust_accuracy"]
