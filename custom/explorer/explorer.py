"""What a model says of an image, clean and attacked; computed once for everything that is asked again."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from threading import RLock
from weakref import WeakKeyDictionary

import torch
from torch import Tensor

from custom.attacks import MinimalNormAttack, perturbation_norm
from custom.attacks.norms import Norm
from custom.explain import grad_cam
from custom.explorer.model import ExplorerModel
from custom.explorer.subject import Subject
from custom.explorer.threat import Threat

REMEMBERED = 64
"""How many results of each kind are kept."""

SEARCH_STEPS = 20
"""Steps of either pass of the minimal-norm attack; an evaluation takes 100."""


@dataclass(frozen=True)
class Clean:
    """A model on the image as it is.

    Attributes:
        image: shape (3, H, W) in [0, 1].
        probabilities: of each class.
        predicted: the most probable class.
        saliency: Grad-CAM of the predicted class, shape (H, W) in [0, 1]; ``None`` if the network has no feature map.
    """

    image: Tensor
    probabilities: tuple[float, ...]
    predicted: int
    saliency: Tensor | None


@dataclass(frozen=True)
class Attacked:
    """A model on the adversarial image that was made for it.

    Attributes:
        image: shape (3, H, W) in [0, 1].
        perturbation: what was added, same shape.
        size: the perturbation's norm, at most the radius.
        probabilities: of each class.
        predicted: the most probable class.
        flipped: whether that is another one than on the clean image.
        saliency: Grad-CAM of the class that was predicted on the clean image, as for :class:`Clean`.
    """

    image: Tensor
    perturbation: Tensor
    size: float
    probabilities: tuple[float, ...]
    predicted: int
    flipped: bool
    saliency: Tensor | None


class Explorer:
    """Ask models about images.

    The attack leaves the class that the model itself predicts on the clean image, so that "flips" means the same
    with and without a known label. An attack freezes its network while it runs, so that one question is answered at a
    time.

    Example::

        explorer = Explorer()
        explorer.attacked(model, subject, Threat("pgd", "l2", 0.3)).flipped

    """

    def __init__(self) -> None:
        self._lock = RLock()
        self._clean = lru_cache(REMEMBERED)(_look)
        self._attacked = lru_cache(REMEMBERED)(self._attack)
        # Of each image the smallest perturbations that flipped a model, by attacks of the page and by the search.
        self._flips: WeakKeyDictionary[Subject, dict[tuple[str, Norm], float]] = WeakKeyDictionary()
        self._searched: WeakKeyDictionary[Subject, dict[tuple[str, Norm, float], float]] = WeakKeyDictionary()

    def clean(self, model: ExplorerModel, subject: Subject) -> Clean:
        """The model on the clean image."""
        with self._lock:
            return self._clean(model, subject)

    def attacked(self, model: ExplorerModel, subject: Subject, threat: Threat) -> Attacked:
        """The model under an attack on itself.

        Args:
            model: the model.
            subject: the image.
            threat: the attack; with a radius of 0 the image stays as it is.
        """
        with self._lock:
            return self._attacked(model, subject, threat)

    def smallest_radius(self, model: ExplorerModel, subject: Subject, norm: Norm, limit: float) -> float:
        """The smallest radius at which the prediction is seen to flip.

        That of the minimal-norm attack (FMN), or of a smaller perturbation that an attack of the page happened to find.
        It bounds the true one from above, as everything does that attacks find.

        Args:
            model: the model.
            subject: the image.
            norm: the norm.
            limit: the largest radius to search.

        Returns:
            The radius; infinity if none was found.
        """
        with self._lock:
            searched = self._searched.setdefault(subject, {})
            if (model.name, norm, limit) not in searched:
                image, predicted = subject.images[model.name], self._clean(model, subject).predicted
                attack = MinimalNormAttack(epsilon=limit, norm=norm, steps=SEARCH_STEPS, accelerations="exact")
                radii = attack.radii(model.network, image, torch.tensor([predicted]))
                searched[model.name, norm, limit] = float(radii)
            return self.known_radius(model, subject, norm, limit) or torch.inf

    def known_radius(self, model: ExplorerModel, subject: Subject, norm: Norm, limit: float) -> float | None:
        """The result of :meth:`smallest_radius` if it was searched before, else ``None``."""
        with self._lock:
            searched = self._searched.get(subject, {}).get((model.name, norm, limit))
            if searched is None:
                return None
            return min(searched, self._flips.get(subject, {}).get((model.name, norm), torch.inf))

    def _attack(self, model: ExplorerModel, subject: Subject, threat: Threat) -> Attacked:
        clean = self._clean(model, subject)
        image = subject.images[model.name]
        label = torch.tensor([clean.predicted])
        adversarial = threat.create()(model.network, image, label) if threat.epsilon > 0 else image
        probabilities = _probabilities(model, adversarial)
        predicted = _most_probable(probabilities)
        perturbation = adversarial - image
        size = float(perturbation_norm(perturbation, threat.norm))
        flipped = predicted != clean.predicted
        if flipped:
            flips = self._flips.setdefault(subject, defaultdict(lambda: torch.inf))
            flips[model.name, threat.norm] = min(flips[model.name, threat.norm], size)
        saliency = None if clean.saliency is None else _saliency(model, adversarial, clean.predicted)
        return Attacked(adversarial[0], perturbation[0], size, probabilities, predicted, flipped, saliency)


def _look(model: ExplorerModel, subject: Subject) -> Clean:
    image = subject.images[model.name]
    probabilities = _probabilities(model, image)
    predicted = _most_probable(probabilities)
    return Clean(image[0], probabilities, predicted, _saliency(model, image, predicted))


@torch.no_grad()
def _probabilities(model: ExplorerModel, image: Tensor) -> tuple[float, ...]:
    return tuple(model.network(image).double().softmax(1)[0].tolist())


def _most_probable(probabilities: tuple[float, ...]) -> int:
    return max(range(len(probabilities)), key=probabilities.__getitem__)


def _saliency(model: ExplorerModel, image: Tensor, label: int) -> Tensor | None:
    layer = model.target_layer
    return None if layer is None else grad_cam(model.network, image, label, layer)[0, 0]
