"""A synthetic pigmented lesion of one of three classes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from custom.data.synthetic.noise import Array, Noise, smoothstep
from custom.data.synthetic.patterns import Warp, globules, network, ridges, spots

CLASSES = {
    "MEL": "melanoma: irregular pigment network, several colors, asymmetric",
    "BKL": "benign keratosis: milia-like cysts and ridges",
    "NV": "melanocytic nevus: regular globules, symmetric",
}

TRAITS: dict[str, dict[str, tuple[float, float]]] = {
    "MEL": {
        "asymmetry": (0.2, 1.0),
        "irregularity": (0.15, 0.8),
        "variegation": (0.3, 1.0),
        "softness": (0.1, 0.7),
        "network": (0.6, 1.0),
        "globules": (-0.6, 0.3),
        "ridges": (-0.6, 0.3),
        "cysts": (-0.6, 0.3),
    },
    "BKL": {
        "asymmetry": (0.0, 0.7),
        "irregularity": (0.1, 0.7),
        "variegation": (0.1, 0.7),
        "softness": (0.0, 0.6),
        "network": (-0.6, 0.3),
        "globules": (-0.6, 0.3),
        "ridges": (0.6, 1.0),
        "cysts": (0.3, 1.0),
    },
    "NV": {
        "asymmetry": (0.0, 0.5),
        "irregularity": (0.05, 0.5),
        "variegation": (0.0, 0.6),
        "softness": (0.1, 0.9),
        "network": (-0.6, 0.3),
        "globules": (0.6, 1.0),
        "ridges": (-0.6, 0.3),
        "cysts": (-0.6, 0.3),
    },
}
"""Range of each trait in each class, drawn uniformly; values below 0 count as 0. Size and brown have one
distribution in all classes."""

ATYPICAL = 0.03
"""Share of the lesions that look like one of another class, so that no classifier can be right about all."""

LOG_DARKNESS = {"MEL": -0.1, "BKL": -0.9, "NV": -0.5}
"""Mean of the logarithm of the optical density in each class; its standard deviation is 0.4 in all."""

BLUE = np.array([1.0, 0.75, 0.4], np.float32)
RED = np.array([0.15, 0.8, 0.6], np.float32)
CYST = np.array([0.93, 0.87, 0.74], np.float32)


class Appearance(NamedTuple):
    """What a lesion does to the skin, seen at some pixels.

    Args:
        level: positive inside the lesion and negative outside, shape (H, W). Its outline is at 0.
        density: optical density for red, green and blue, shape (H, W, 3): the light is multiplied by
            exp(-density).
        cysts: share of light that whitish cysts reflect, shape (H, W).

    """

    level: Array
    density: Array
    cysts: Array


class Lesion:
    """A lesion that can be looked at from several views.

    Args:
        label: a key of `CLASSES`.
        rng: decides everything about the lesion.

    Example::

        >>> lesion = Lesion("NV", np.random.default_rng(0))
        >>> x, y = np.meshgrid(*[np.linspace(-1, 1, 64, dtype=np.float32)] * 2)
        >>> lesion.look(x, y).density.shape
        (64, 64, 3)

    """

    def __init__(self, label: str, rng: np.random.Generator) -> None:
        self.shown = label
        if rng.random() < ATYPICAL:
            self.shown = str(rng.choice([name for name in CLASSES if name != label]))
        self.traits = {name: max(0.0, rng.uniform(*limits)) for name, limits in TRAITS[self.shown].items()}
        traits = self.traits
        self.radius = np.clip(rng.lognormal(-0.45, 0.2), 0.4, 0.9)
        self._stretch = 1 + rng.gamma(2, 0.12)
        self._lobes = rng.normal(0, 0.34, (3, 2)) * traits["asymmetry"]
        self._lobe_sizes = rng.uniform(0.4, 0.9, 3)
        self._edge = Noise(rng, 0.5, 3.5)
        self._softness = 0.06 + 0.3 * traits["softness"]
        self._fringe = Noise(rng, 0.16, 2.5)
        self._darkness = np.clip(rng.lognormal(LOG_DARKNESS[self.shown], 0.4), 0.18, 1.5)
        self._melanin = np.array([rng.uniform(0.35, 0.75), 1.0, rng.uniform(0.95, 1.6)], np.float32)
        self._redness = rng.gamma(1, 0.07)
        self._core = rng.uniform(0, 1)
        self._warps = {
            "network": Warp(rng, 0.02 + 0.05 * traits["irregularity"], 0.25),
            "globules": Warp(rng, 0.02, 0.3),
            "ridges": Warp(rng, rng.uniform(0.06, 0.12), 0.25),
        }
        self._periods = {name: rng.uniform(0.25, 0.35) for name in ("network", "globules")}
        self._periods["ridges"] = rng.uniform(0.28, 0.42)
        self._clouds = [Noise(rng, rng.uniform(0.4, 0.9), 4) for _ in range(4)]
        self._grain = Noise(rng, 0.2, 1.8)
        self._cysts = self._scatter(rng, int(16 * traits["cysts"]), 0.028, 0.06)
        self._openings = self._scatter(rng, int(rng.uniform(0, 9) * traits["cysts"]), 0.02, 0.045)

    def _scatter(self, rng: np.random.Generator, number: int, small: float, large: float) -> tuple[Array, Array]:
        angle, distance = (
            rng.uniform(0, 2 * np.pi, number),
            0.9 * self.radius * np.sqrt(rng.uniform(0, 1, number)),
        )
        centers = np.stack([distance * np.cos(angle), distance * np.sin(angle)], 1).astype(np.float32)
        return centers, rng.uniform(small, large, number).astype(np.float32)

    def look(self, x: Array, y: Array) -> Appearance:
        """Return the lesion's appearance.

        Args:
            x: coordinates in the lesion's own frame, shape (H, W); half an image is 1.
            y: coordinates in the lesion's own frame, shape (H, W).

        """
        traits, clouds = self.traits, [cloud(x, y) for cloud in self._clouds]
        level = self._level(x, y)
        grain = self._grain(x, y)
        cover = smoothstep(level + 0.5 * self._softness * self._fringe(x, y), -self._softness, self._softness)
        body = 1 + (0.12 + 0.5 * traits["variegation"]) * clouds[0] + 0.2 * grain
        body = body + self._core * (np.clip(level, 0, 1) - 0.4)
        # Where a pattern is strong the diffuse pigment between its lines gives way.
        lines = network(*self._warps["network"](x, y), self._periods["network"], np.clip(0.5 + 0.5 * clouds[1], 0, 1))
        patchy = 1 - traits["variegation"] * smoothstep(clouds[2], 0.0, 1.2)
        dots = globules(*self._warps["globules"](x, y), self._periods["globules"], 0.4)
        fissures = ridges(*self._warps["ridges"](x, y), self._periods["ridges"])
        body = body + 1.3 * traits["network"] * patchy * (lines - 0.4)
        body = body + 1.3 * traits["globules"] * (dots - 0.35) + 1.2 * traits["ridges"] * (fissures - 0.3)
        body = body + 1.2 * spots(x, y, *self._openings)
        pigment = self._darkness * cover * np.clip(body, 0.08, 3)
        blue = traits["variegation"] * smoothstep(clouds[3], 0.5, 1.6) * cover * self._darkness
        red = (self._redness + 0.4 * traits["variegation"] * smoothstep(-clouds[3], 0.3, 1.5)) * cover
        density = pigment[..., None] * self._melanin + blue[..., None] * BLUE + red[..., None] * RED
        cysts = 0.6 * spots(x, y, *self._cysts) * cover
        return Appearance(level, density.astype(np.float32), cysts.astype(np.float32))

    def _level(self, x: Array, y: Array) -> Array:
        """One ellipse and, as far as it is asymmetric, smaller lobes; the outline is roughened by noise."""
        level = 1 - np.hypot(x * np.sqrt(self._stretch), y / np.sqrt(self._stretch)) / self.radius
        for center, size in zip(self._lobes, self._lobe_sizes, strict=True):
            distance = np.hypot(x - center[0], y - center[1]) / (size * self.radius)
            level = np.maximum(level, (1 - distance) * size)
        return (level + (0.03 + 0.22 * self.traits["irregularity"]) * self._edge(x, y)).astype(np.float32)
