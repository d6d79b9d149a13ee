"""AutoAttack, an ensemble of parameter-free attacks, as an attack of this package."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import torch
from torch import Tensor, nn

from custom.attacks.attack import Attack
from custom.attacks.captured_warnings import captured_warnings
from custom.attacks.checks import check_count
from custom.counts import counted

Part = Literal["apgd-ce", "apgd-dlr", "apgd-t", "fab-t", "square"]

# The standard set attacks towards nine classes at most.
MOST_TARGETS = 9


def standard_parts(num_classes: int) -> tuple[Part, ...]:
    """AutoAttack's standard set, as far as it is defined for so many classes.

    The targeted DLR loss of APGD-T needs four classes: with three, the untargeted APGD-DLR stands in.
    DLR itself needs three: with two it is left out.

    Raises:
        ValueError: fewer than two classes.

    Example:
        >>> standard_parts(3)
        ('apgd-ce', 'apgd-dlr', 'fab-t', 'square')
    """
    if num_classes < 2:
        raise ValueError(f"AutoAttack needs at least 2 classes, not {num_classes}.")
    if num_classes == 2:
        return "apgd-ce", "fab-t", "square"
    return "apgd-ce", "apgd-dlr" if num_classes == 3 else "apgd-t", "fab-t", "square"


@dataclass(kw_only=True, eq=False)
class AutoAttack(Attack):
    """AutoAttack (Croce and Hein, 2020) with its standard settings, run by ``pyautoattack``.

    Each part attacks only the samples that withstood the parts before it. A sample that withstands all comes
    back unchanged. Untargeted, for images in [0, 1]. The slices of a volume along its last axis are given as channels
    of an image, the only ones for which Square is defined: norms are still over all voxels, and Square's squares lie in
    the first two axes.

    Args:
        epsilon: see :class:`~custom.attacks.attack.Attack`, as are the arguments not listed here. Accelerations must
            be exact.
        num_classes: number of classes, which decides on the parts, see :func:`standard_parts`.
        seed: seed of its random choices, the same for every call.
        square_queries: forward passes that Square, the black-box part, may spend on a sample, >= 1.
        parts: the attacks to run, in order. None: the standard ones.

    Attributes:
        warnings: what AutoAttack itself warned of so far (a randomized network, gradients of zero, ...), each
            message once.

    Raises:
        ValueError: an argument is outside its range.

    Example:
        >>> AutoAttack(epsilon=0.3, num_classes=3).name
        'AutoAttack (APGD-CE, APGD-DLR, FAB-T, SQUARE)'
    """

    num_classes: int
    seed: int = 0
    square_queries: int = 5000
    parts: Sequence[Part] | None = None
    warnings: list[str] = field(default_factory=list, init=False, repr=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.targeted or self.bounds != (0.0, 1.0):
            raise ValueError(f"{type(self).__name__} is untargeted, and for images in [0, 1].")
        if not self.exact:
            raise ValueError("AutoAttack takes exact accelerations only: rounding must not decide what is fooled.")
        check_count("square_queries", self.square_queries)
        standard = standard_parts(self.num_classes)
        self._parts: tuple[Part, ...] = standard if self.parts is None else tuple(self.parts)
        for part in self._parts:
            if part not in get_args(Part):
                raise ValueError(f"Unknown part {part!r} of AutoAttack; use some of {', '.join(get_args(Part))}.")
        self.parts = self._parts

    @property
    def name(self) -> str:
        """The parts that run here: which they are depends on the number of classes."""
        if self._parts == ("square",):
            return f"Square ({counted(self.square_queries, 'query')})"
        return f"AutoAttack ({', '.join(part.upper() for part in self._parts)})"

    def reset(self, seed: int | None = None) -> None:
        """Forget the warnings; every call has the configured seed. See the base class."""
        self.warnings.clear()

    def perturb(self, network: nn.Module, images: Tensor, labels: Tensor, epsilon: Tensor) -> Tensor:
        """Run the ensemble; see the base class.

        Raises:
            ValueError: the radii differ from sample to sample, the images are not (B, C, height, width) or
                (B, C, X, Y, Z) in float32, or the network has another number of classes.
        """
        if images.ndim == 5:
            slices = images.movedim(-1, 2)
            flat = self.perturb(SlicesAsChannels(network, slices.shape[1:3]), slices.flatten(1, 2), labels, epsilon)
            return flat.unflatten(1, slices.shape[1:3]).movedim(2, -1)
        if images.ndim != 4:
            raise ValueError(f"AutoAttack takes two or three spatial dimensions, not {images.ndim - 2}.")
        if len(images) == 0:
            return images
        if images.dtype != torch.float32:
            raise ValueError(f"AutoAttack takes images in float32, not {str(images.dtype).removeprefix('torch.')}.")
        radius = float(epsilon[0])
        if bool((epsilon != radius).any()):
            raise ValueError("AutoAttack takes one epsilon for all samples, not one for each.")
        with torch.no_grad():
            classes = network(images[:1]).shape[1]
        if classes != self.num_classes:
            raise ValueError(f"num_classes is {self.num_classes}, but the network has {classes} classes.")
        if radius == 0:
            return images
        # `pyautoattack` cannot view images whose channels are last in memory.
        return self.ensemble(network, images.contiguous(), radius, labels)

    def ensemble(self, network: nn.Module, images: Tensor, radius: float, labels: Tensor) -> Tensor:
        """Set up ``pyautoattack`` and run it, keeping what it warns of."""
        # Imported late: whoever runs other attacks need not have it.
        import pyautoattack

        attack: Any = pyautoattack.AutoAttack(
            network,
            norm="L2" if self.norm == "l2" else "Linf",
            eps=radius,
            seed=self.seed,
            device=images.device,
            version="custom",
            attacks=list(self._parts),
        )
        # The standard version's settings; it would overrule the choice of parts.
        attack.apgd.n_restarts = 1
        attack.apgd_targeted.n_target_classes = attack.fab.n_target_classes = min(MOST_TARGETS, self.num_classes - 1)
        attack.square.n_queries = self.square_queries
        # Its check for dynamic defenses removes the trace function of a debugger or of coverage.
        trace = sys.gettrace()
        try:
            with captured_warnings("auto-attack") as messages:
                images_adv, _ = attack.run_standard_evaluation(images, labels, batch_size=len(images))
        finally:
            sys.settrace(trace)
        self.warnings += [message for message in dict.fromkeys(messages) if message not in self.warnings]
        return images_adv


class SlicesAsChannels(nn.Module):
    """A network of volumes, called with images whose channels are the slices of each channel of the volumes.

    Args:
        network: takes volumes (B, C, X, Y, Z).
        shape: C and Z.
    """

    def __init__(self, network: nn.Module, shape: Sequence[int]) -> None:
        super().__init__()
        self.network, self.shape = network, tuple(shape)

    def forward(self, images: Tensor) -> Tensor:
        """Compute the logits.

        Args:
            images: shape (B, C * Z, X, Y).
        """
        return self.network(images.unflatten(1, self.shape).movedim(2, -1))
