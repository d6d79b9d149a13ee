"""Noise-FGSM: a single step from a noisy image, as a cheap training adversary."""

from dataclasses import dataclass

from torch import Tensor

from custom.attacks.checks import check_not_negative
from custom.attacks.norms import Norm
from custom.attacks.pgd import PGD
from custom.attacks.starts import uniform_in_ball


@dataclass(kw_only=True, eq=False)
class NFGSM(PGD):
    r"""N-FGSM: :math:`x_{adv} = \mathrm{clip}(x + \eta + \epsilon\, \mathrm{sign}(\nabla_{x + \eta} L))`.

    The noise :math:`\eta` is uniform in the l-infinity ball of radius :math:`k \epsilon`, and its sum with the step is
    not projected, so that a perturbation may be as large as :math:`(1 + k) \epsilon`. That keeps single-step training
    from catastrophic overfitting (de Jorge et al., "Make some noise: reliable and efficient single-step adversarial
    training", NeurIPS 2022). It is a training adversary: evaluating with it would overstate robustness.

    Args:
        noise: k, the radius of the noise as a multiple of epsilon, >= 0.
        **options: see :class:`~custom.attacks.pgd.PGD`.

    Raises:
        ValueError: if the norm is not l-infinity, there is more than one step, or ``noise`` is out of range.

    Example:
        >>> import torch
        >>> from torch import nn
        >>> network = nn.Sequential(nn.Flatten(), nn.Linear(12, 3))
        >>> attack = NFGSM(epsilon=4 / 255)
        >>> images_adv = attack(network, torch.rand(2, 3, 2, 2), torch.tensor([0, 2]))
    """

    norm: Norm = "linf"
    steps: int = 1
    random_start: bool = True
    noise: float = 2.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_not_negative("noise", self.noise)
        if self.norm != "linf" or self.steps != 1:
            raise ValueError("N-FGSM takes one step in the l-infinity norm; pass norm 'linf' and steps 1.")

    def start(self, images: Tensor, epsilon: Tensor) -> Tensor:
        """The noisy images, which may lie outside the bounds."""
        return images + uniform_in_ball(images, self.noise * epsilon, self.norm, self._generator)

    def started_at(self, points: Tensor, images: Tensor, epsilon: Tensor) -> Tensor:
        """Noisy images whatever the points are: from elsewhere it would be another attack."""
        return self.start(images, epsilon)

    def within(self, perturbation: Tensor, images: Tensor, epsilon: Tensor) -> Tensor:
        """The images with the perturbation within the bounds, not projected."""
        return perturbation.add_(images).clamp_(*self.bounds)
