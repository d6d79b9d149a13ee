"""The base of all training methods."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar

import torch
from ignite.engine import Engine
from monai.engines.utils import PrepareBatchExtraInput, default_prepare_batch
from torch import nn

from custom.attacks import PGD
from custom.handlers.adversarial_examples import AdversarialExamples
from custom.handlers.weight_averaging import WeightAveraging
from custom.inferers import AdversarialInferer
from custom.losses import TrainingLoss
from custom.methods.base.warm_up import check_warm_up


class Method(AdversarialExamples):
    """A training method: an Ignite handler that makes the adversarial examples, and the loss on them.

    Attached to a stock ``SupervisedTrainer`` it attacks every mini-batch before the engine runs it, as
    :class:`custom.handlers.AdversarialExamples` does. A method is a subclass in a module of its own in
    ``custom.methods``; the module's name is the method's. It overrides :meth:`perturb`, unless one attack with the
    radius in force is all, sets ``loss``, and takes its hyperparameters as keyword arguments, whose defaults are those
    of its source.

    Args:
        attack: the training adversary, with the preset epsilon.
        loss: loss of a mini-batch, from its logits and labels.

    Attributes:
        attack: the adversary in force, whose radius may rise over the first epochs.
        preset: the adversary with the preset epsilon.
        factor: the radius in force as a multiple of the preset one.
        adversarial: whether the method trains on adversarial examples at all.
        extra_keys: keys of what else :meth:`perturb` puts into the batch for the method's inferer.
        selection: metric of the validation by which the best epoch is chosen, unless the config names one.
        warm_up: epochs before the method adapts anything, if it has such.
    """

    adversarial: ClassVar[bool] = True
    extra_keys: ClassVar[tuple[str, ...]] = ()
    selection: ClassVar[str] = "val_accuracy_mean"
    warm_up: int | None = None

    def __init__(self, attack: PGD, loss: TrainingLoss) -> None:
        super().__init__(attack)
        self.attack: PGD = attack
        self.preset = attack
        self.factor = 1.0
        self.loss = loss

    @property
    def name(self) -> str:
        """The method's name: that of its module."""
        return type(self).__module__.rpartition(".")[2]

    @property
    def hyperparameters(self) -> dict[str, Any]:
        """The method's hyperparameters and their values, for records: what its class takes beside the attack."""
        names = [name for name in inspect.signature(type(self)).parameters if name != "attack"]
        return {name: getattr(self, name, getattr(self.loss, name, None)) for name in names}

    def scale_epsilon(self, factor: float) -> None:
        """Train with a multiple of the preset radius, and of the preset step, from here on.

        Args:
            factor: multiple of the preset epsilon, at least 0; 0 trains on the clean images without an attack.
        """
        preset = self.preset
        step_size = preset.step_size * factor if preset.step_size and factor else preset.step_size
        self.attack = preset if factor == 1 else replace(preset, epsilon=factor * preset.epsilon, step_size=step_size)
        self.factor = float(factor)

    def attach(self, engine: Engine) -> None:
        """Attach the attack; see the base class.

        Args:
            engine: a MONAI trainer.

        Raises:
            ValueError: if the method's warm-up is as long as the training.
        """
        if self.warm_up is not None:
            check_warm_up(self.name, self.warm_up, engine)
        super().attach(engine)

    def __call__(self, engine: Engine) -> None:
        """Attack the batch that the engine is about to run, unless the radius in force is 0.

        Args:
            engine: a MONAI trainer.
        """
        if not self.adversarial:
            engine.state.adversarial = {}  # type: ignore[attr-defined]
        elif self.attack.epsilon > 0:
            super().__call__(engine)
        else:
            batch: dict[str, Any] = engine.state.batch  # type: ignore[assignment]
            batch.update({self.adversarial_key: batch[self.image_key], **dict.fromkeys(self.extra_keys)})
            engine.state.adversarial = {}  # type: ignore[attr-defined]

    def seed_of_epoch(self) -> int:
        """The seed of the epoch, so that epochs differ, and a training that resumes draws the same."""
        return torch.initial_seed()

    def prepare_batch(self) -> Callable[..., Any]:
        """MONAI's ``prepare_batch`` that hands the method's images to its inferer."""
        if not self.adversarial:
            return default_prepare_batch
        return PrepareBatchExtraInput(extra_keys={key: key for key in (self.adversarial_key, *self.extra_keys)})

    def inferer(self, **options: Any) -> AdversarialInferer:
        """The inferer that calls the network on the images that the loss needs.

        Args:
            options: keyword arguments of :class:`custom.inferers.AdversarialInferer`.
        """
        return AdversarialInferer(clean=self.loss.needs_clean, **options)

    def parameters(self, network: nn.Module) -> Iterator[nn.Parameter]:
        """The parameters to train: the network's, and those of whatever the method trains along with it.

        Args:
            network: the classifier.
        """
        return network.parameters()

    def averaging(self, network: nn.Module, decay: float) -> WeightAveraging | None:
        """The average of the weights that is validated beside them.

        Args:
            network: the classifier.
            decay: share of the old average that is kept in an iteration, in (0, 1), or 0 for no average.
        """
        return WeightAveraging(network, decay) if decay else None

    def state_dict(self) -> dict[str, Any]:
        """What the method remembers from one epoch to the next, for the checkpoint."""
        return {}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Restore the state of a checkpoint.

        Args:
            state_dict: what :meth:`state_dict` gave.
        """
