"""HAT: helper-based adversarial training."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import torch
from ignite.engine import Engine
from torch import Tensor, nn

from custom.attacks import PGD
from custom.attacks.network_state import frozen
from custom.inferers import AdversarialInferer, AdversarialLogits
from custom.losses import HATLoss
from custom.losses.base import checked_weight
from custom.methods.base import Examples, Method
from custom.methods.trades import divergence_attack
from custom.networks import load_classifier, read_card


class HAT(Method):
    """TRADES with helper images beyond the adversarial ones, labeled by a network of standard training.

    Rade and Moosavi-Dezfooli, "Reducing excessive margin to achieve a better accuracy vs. robustness trade-off", ICLR
    2022; see :class:`custom.losses.HATLoss`. The helper image is ``x + h (x_adv - x)``, not clipped, and its label what
    the standard network says of x_adv, which keeps the margin from growing further than robustness needs.

    Args:
        attack: the training adversary, whose loss and start are replaced by those of TRADES.
        teacher: the standard network: the folder of a run of STD on the same classes, or the network itself.
        h: how far the helper image lies along the perturbation, at least 0.
        beta: weight of the divergence, at least 0.
        gamma: weight of the cross-entropy on the helper images, at least 0.
        label_smoothing: share of each label that is spread over all classes, in [0, 1).

    Raises:
        ValueError: if ``teacher`` is missing, or a hyperparameter is out of range.
    """

    extra_keys: ClassVar[tuple[str, ...]] = ("image_helper", "label_helper")

    def __init__(
        self,
        attack: PGD,
        teacher: str | Path | nn.Module | None = None,
        h: float = 3.5,
        beta: float = 2.5,
        gamma: float = 0.5,
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(divergence_attack(attack), HATLoss(beta, gamma, label_smoothing))
        self.h = checked_weight("h", h)
        if teacher is None:
            raise ValueError(
                "HAT needs teacher, the folder of a run of standard training on the same classes; train one with "
                "`--method std`, then pass `--method_options#teacher FOLDER`."
            )
        self.teacher = type(teacher).__name__ if isinstance(teacher, nn.Module) else str(teacher)
        self.standard_network = teacher if isinstance(teacher, nn.Module) else None

    def attach(self, engine: Engine) -> None:
        """Attach the attack, and read the teacher, which nothing but a training needs.

        Args:
            engine: a MONAI trainer.

        Raises:
            FileNotFoundError: if there is nothing at ``teacher``.
            ValueError: if it is not a network with a card.
        """
        if self.standard_network is None:
            self.standard_network = load_teacher(self.teacher)
        super().attach(engine)

    def perturb(self, engine: Engine, network: nn.Module, images: Tensor, labels: Tensor) -> Examples:
        """Attack, and make the helper images and their labels; see the base class."""
        assert self.standard_network is not None  # as `attach` has read it
        examples = self.attacked(network, images, labels)
        with frozen(self.standard_network.to(images.device)) as standard, torch.no_grad():
            helper_labels = standard(examples.images_adv).argmax(1)
        helper = images + self.h * (examples.images_adv - images)
        return Examples(
            examples.images_adv, examples.statistics, {"image_helper": helper, "label_helper": helper_labels}
        )

    def inferer(self, **options: Any) -> AdversarialInferer:
        """The inferer, with a pass of its own for the helper images.

        Args:
            options: keyword arguments of :class:`custom.inferers.AdversarialInferer`.
        """
        return HelperInferer(**options)


class HelperInferer(AdversarialInferer):
    """Call the network on clean and adversarial images, and then on the helper images, as the source does."""

    def __call__(  # type: ignore[override]
        self,
        inputs: Tensor,
        network: nn.Module,
        *,
        image_adv: Tensor | None = None,
        image_helper: Tensor | None = None,
        label_helper: Tensor | None = None,
    ) -> AdversarialLogits:
        """Compute the logits of one batch.

        Args:
            inputs: clean images, shape (B, C, *spatial).
            network: maps images to logits.
            image_adv: adversarial images of the same shape.
            image_helper: helper images of the same shape; ``None`` if there was no attack.
            label_helper: their labels, shape (B,).

        Returns:
            The logits, with ``helper`` and ``helper_labels`` in ``extra``.
        """
        logits = super().__call__(inputs, network, image_adv=image_adv)
        if image_helper is None or label_helper is None:
            return logits
        helper = super().__call__(image_helper, network).clean
        assert helper is not None
        return logits._replace(extra={"helper": helper, "helper_labels": label_helper})


def load_teacher(path: str | Path) -> nn.Module:
    """Read the network of a run of standard training.

    Args:
        path: the run's folder, or its ``model.pt``.

    Raises:
        FileNotFoundError: if there is nothing at ``path``.
        ValueError: if the weights have no card, or cannot be read.
    """
    card = read_card(path)
    if card is None or not card.network:
        raise ValueError(f"The teacher {path} does not say what its network is; pass the folder of a run of STD.")
    return load_classifier(path, len(card.class_names), (card.channels, *card.image_size))
