"""AMAT's adversarial examples: every training image keeps a radius of its own from epoch to epoch."""

from __future__ import annotations

from collections.abc import Sequence

from ignite.engine import Engine, Events
from torch import Tensor, nn

from custom.attacks import Attack, perturbation_norm
from custom.handlers.adversarial_examples import AdversarialExamples
from custom.radius import RadiusTable, amat_radius


class AMATExamples(AdversarialExamples):
    """Attack each image with its own radius, then update that radius for the image's next turn (equations 5 to 7).

    The radii start at the attack's epsilon, follow :func:`custom.radius.amat_radius` and stay in
    [0, 2 epsilon]. They live in a table of their own, which belongs into the checkpoint.

    Args:
        attack: the training adversary, with the pre-set epsilon.
        radii: the radius of every image.
        xi: loss below which an image counts as easy: the mean loss of a network trained without attacks on the
            attacked training images.
        delta_epsilon: how much an easy image's radius grows; a tenth of epsilon where ``None``.
        image_key: key of the clean images in the batch.
        label_key: key of the labels in the batch.
        adversarial_key: key under which the adversarial images are put.
        id_key: key of the images' names in the batch, one string per image.

    Raises:
        ValueError: when ``xi`` is missing or not positive.

    Example::

        >>> from custom.attacks import PGD
        >>> from custom.handlers import AMATExamples
        >>> from custom.radius import RadiusTable
        >>> handler = AMATExamples(PGD(epsilon=0.3, step_size=0.15, steps=7, norm="l2"), RadiusTable(), xi=2.5)

    """

    def __init__(
        self,
        attack: Attack,
        radii: RadiusTable,
        xi: float | None,
        delta_epsilon: float | None = None,
        image_key: str = "image",
        label_key: str = "label",
        adversarial_key: str = "image_adv",
        id_key: str = "image_id",
    ) -> None:
        super().__init__(attack, image_key, label_key, adversarial_key)
        if xi is None or not xi > 0:
            raise ValueError(
                f"AMAT needs xi, the mean loss of an STD-trained network on the attacked training images, as a "
                f"positive number, not {xi}: `python scripts/compute_xi.py --run STD_RUN` finds it; "
                f"then give `--xi NUMBER`."
            )
        self.radii = radii
        self.xi = xi
        self.delta_epsilon = attack.epsilon / 10 if delta_epsilon is None else delta_epsilon
        self.id_key = id_key

    def attach(self, engine: Engine) -> None:
        """Attach the attack, and the exchange between processes at the end of each epoch.

        Args:
            engine: a MONAI trainer.
        """
        super().attach(engine)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self.radii.exchange)

    def perturb(self, engine: Engine, network: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
        """Make the examples of one mini-batch and update its images' radii; see the base class."""
        names: Sequence[str] = engine.state.batch[self.id_key]  # type: ignore[index]
        own_epsilon = self.radii.lookup(names, default=self.attack.epsilon).to(images.device)
        images_adv = self.attack(network, images, labels, own_epsilon)
        norm = perturbation_norm(images_adv - images, self.attack.norm)
        new_epsilon = amat_radius(
            own_epsilon,
            self.attack.loss(network, images_adv, labels).double(),
            norm.double(),
            xi=self.xi,
            delta_epsilon=self.delta_epsilon,
            epsilon_max=2 * self.attack.epsilon,
        )
        self.radii.update(names, new_epsilon)
        engine.state.adversarial.update(norm=norm, epsilon=own_epsilon)  # type: ignore[attr-defined]
        return images_adv
