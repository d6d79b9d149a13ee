"""Noise-FGSM: a single step from a noisy image, as a cheap training adversary."""

from dataclasses import dataclass

from torch import Tensor, nn

from custom.attacks.checks import check_not_negative
from custom.attacks.norms import Norm, per_sample
from custom.attacks.pgd import PGD
from custom.attacks.starts import uniform_in_ball
from custom.attacks.trajectory import Trajectory


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
            raise ValueError("N-FGSM takes one step in the l-infinity norm: pass norm 'linf' and steps 1.")

    def climb(
        self,
        network: nn.Module,
        images: Tensor,
        labels: Tensor,
        epsilon: Tensor,
        path: Trajectory | None = None,
        reuse: Trajectory | None = None,
        iterate: Tensor | None = None,
        steps: int | None = None,
    ) -> Tensor:
        """Take the step from the noisy images; see the base class, none of whose further arguments is used."""
        noisy = images + uniform_in_ball(images, self.noise * epsilon, self.norm, self._generator)
        _, gradient = self.gradient(network, noisy, self._loss.reference(network, images, labels))
        length = per_sample(self.step_length(epsilon), images)
        return self.moved(images, noisy, gradient, length).add_(images).clamp_(*self.bounds)
