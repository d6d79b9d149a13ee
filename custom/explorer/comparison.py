"""What the page shows of an image and its models: figures in the page itself, not in files."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from custom.explorer.explorer import SEARCH_STEPS, Attacked, Clean
from custom.explorer.model import ExplorerModel
from custom.explorer.threat import ATTACKS, Threat
from custom.report.explanation_grid import overlay
from custom.report.figures import amplification
from custom.report.threat_model import format_radius


@dataclass(frozen=True)
class Comparison:
    """One image, clean and attacked, as one model or several see it.

    Args:
        models: from left to right.
        clean: by model.
        attacked: by model.
        threat: what they were attacked with.
        smallest: by model the smallest radius at which the prediction flips, infinity if none was found, ``None`` while
            it is searched.
        limit: the largest radius that is searched.
        class_name: the image's true class, if known.
    """

    models: Sequence[ExplorerModel]
    clean: Sequence[Clean]
    attacked: Sequence[Attacked]
    threat: Threat
    smallest: Sequence[float | None]
    limit: float
    class_name: str | None = None

    @property
    def factor(self) -> float:
        """By how much perturbations are amplified: the same for all models, so that they compare."""
        return amplification(np.concatenate([found.perturbation.numpy().ravel() for found in self.attacked]))

    def summary(self, name: str) -> str:
        """What happened, in a sentence of HTML.

        Args:
            name: of the image.
        """
        truth = f", true class {escape(self.class_name)}" if self.class_name is not None else ""
        image = f"<span class='image'>{escape(name)}{truth}.</span>"
        radius = format_radius(self.threat.norm, self.threat.epsilon)
        if self.threat.epsilon == 0:
            return f"<p>{image} At radius 0 the image is as it was.</p>"
        flipped = [model.name for model, found in zip(self.models, self.attacked, strict=True) if found.flipped]
        held = [model.name for model in self.models if model.name not in flipped]
        verbs = {"flips the prediction of": flipped, "does not flip that of": held}
        if not flipped:
            verbs = {"does not flip the prediction of": held}
        parts = [f"{verb} <strong>{escape(_and(names))}</strong>" for verb, names in verbs.items() if names]
        return f"<p>{image} {escape(ATTACKS[self.threat.attack])} within {radius} {' and '.join(parts)}.</p>"

    def panel(self, index: int) -> str:
        """All about one model, as HTML.

        Args:
            index: of the model.
        """
        model, clean, attacked = self.models[index], self.clean[index], self.attacked[index]
        predicted, now = model.class_names[clean.predicted], model.class_names[attacked.predicted]
        css = "flipped" if attacked.flipped else "held"
        # Gray stands for no change.
        amplified = 0.5 + self.factor * attacked.perturbation
        figures = [
            _figure(clean.image, f"Clean: {_percent(max(clean.probabilities))} {predicted}"),
            _figure(attacked.image, f"Attacked: {_percent(max(attacked.probabilities))} {now}", css),
            _figure(amplified, f"Perturbation, amplified {self.factor:g} times", "amplified"),
        ]
        if clean.saliency is not None and attacked.saliency is not None:
            figures += [
                _figure(_laid_over(clean.image, clean.saliency), f"Grad-CAM of {predicted}, clean"),
                _figure(_laid_over(attacked.image, attacked.saliency), f"Grad-CAM of {predicted}, attacked"),
                "<figure class='legend'><div></div><figcaption>Grad-CAM: from no evidence for "
                f"{escape(predicted)} to the most</figcaption></figure>",
            ]
        outcome = f"flipped to {now}" if attacked.flipped else "held"
        if not attacked.flipped and (self.smallest[index] or math.inf) <= self.threat.epsilon:
            outcome = "held against this attack, and not against the minimal-norm attack"
        return (
            f'<section class="model" aria-label="{escape(model.name)}">'
            f"<h2>{escape(model.name)}</h2><p class='trained'>{escape(model.description)}</p>"
            f"<p class='outcome {css}'><strong>{escape(predicted)}</strong>: {escape(outcome)}"
            f"{escape(self._mistake(predicted))}</p>"
            f'<div class="figures">{"".join(figures)}</div>'
            f"{self._table(model, clean, attacked)}"
            f"<p class='smallest'>{escape(self._smallest(self.smallest[index]))}</p></section>"
        )

    def _mistake(self, predicted: str) -> str:
        if self.class_name in (None, predicted):
            return ""
        return f" (wrong on the clean image already, which is {self.class_name})"

    def _table(self, model: ExplorerModel, clean: Clean, attacked: Attacked) -> str:
        rows = []
        for name, before, after in zip(model.class_names, clean.probabilities, attacked.probabilities, strict=True):
            mark = " (true class)" if name == self.class_name else ""
            rows.append(
                f"<tr><th scope='row'>{escape(name + mark)}</th>{_bar(before, 'clean')}{_bar(after, 'attacked')}</tr>"
            )
        head = "<tr><th scope='col'>class</th><th scope='col'>clean</th><th scope='col'>attacked</th></tr>"
        return f"<table><caption>Probabilities</caption><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table>"

    def _smallest(self, radius: float | None) -> str:
        if radius is None:
            return "Searching for the smallest radius at which the prediction flips …"
        how = f"minimal-norm attack, FMN, {SEARCH_STEPS} steps"
        if math.isinf(radius):
            return f"No flip found up to {format_radius(self.threat.norm, self.limit)} ({how})."
        found = format_radius(self.threat.norm, radius)
        return f"Smallest radius found at which the prediction flips: {found} ({how}); the true one may be smaller."


def alert(sentence: str) -> str:
    """A sentence that says what is wrong, as HTML that screen readers speak at once."""
    return f'<p class="alert" role="alert">{escape(sentence)}</p>'


def data_uri(image: Tensor | NDArray[np.floating]) -> str:
    """An image as the address of itself.

    Args:
        image: shape (3, H, W); values outside of [0, 1] are clipped.

    Returns:
        A PNG of as many pixels, ``data:image/png;base64,...``.
    """
    values = np.asarray(image, dtype=np.float64).clip(0, 1)
    file = io.BytesIO()
    Image.fromarray(np.round(values * 255).astype(np.uint8).transpose(1, 2, 0)).save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def _laid_over(image: Tensor, saliency: Tensor) -> NDArray[np.float64]:
    return overlay(image.numpy(), saliency.numpy()).transpose(2, 0, 1)


def _figure(image: Tensor | NDArray[np.float64], caption: str, css: str = "") -> str:
    text = escape(caption)
    return f'<figure class="{css}"><img src="{data_uri(image)}" alt="{text}"><figcaption>{text}</figcaption></figure>'


def _bar(share: float, css: str) -> str:
    return f"<td><span class='bar {css}' style='--share:{share:.3f}'></span>{_percent(share)}</td>"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
