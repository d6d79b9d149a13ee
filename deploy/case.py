"""What is known of one image, from reading it to the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Lossy:
    """How an image lost information before it came here, as DICOM tells it.

    Attributes:
        ratios: compression ratio of each lossy step, the first one first.
        methods: DICOM's name of each step's method, such as ``ISO_10918_1`` for JPEG.
    """

    ratios: tuple[float, ...]
    methods: tuple[str, ...]


@dataclass(frozen=True)
class Source:
    """An image to classify.

    Attributes:
        name: path below the input folder, for messages.
        pixels: shape (H, W, 3), RGB, uint8.
        sha256: hash of the whole file, in hexadecimal digits.
        header: the DICOM data set without its pixels; ``None`` for an image file.
        lossy: what compression it went through; ``None`` for none that is known.
        values: shape (H, W, 3), what the file stores, if that is more than 8 bits; ``pixels`` shows it then.
    """

    name: str
    pixels: NDArray[np.uint8]
    sha256: str
    header: Any = None
    lossy: Lossy | None = None
    values: NDArray[Any] | None = None


@dataclass(frozen=True)
class Prediction:
    """Probabilities of all classes.

    Attributes:
        class_names: the classes, in the order of the network's outputs.
        probabilities: one number for each class, in [0, 1].
    """

    class_names: tuple[str, ...]
    probabilities: tuple[float, ...]

    @property
    def label(self) -> int:
        """Index of the most probable class."""
        return int(np.argmax(self.probabilities))

    @property
    def class_name(self) -> str:
        """Name of the most probable class."""
        return self.class_names[self.label]


@dataclass(frozen=True)
class AttackBall:
    """The perturbations that were tried.

    Attributes:
        norm: ``l2`` or ``linf``.
        epsilon: largest norm of the perturbation, of pixels in [0, 1] at the network's resolution.
        steps: number of steps taken; ``None`` if the attack has none.
    """

    norm: str
    epsilon: float
    steps: int | None


@dataclass(frozen=True)
class Stability:
    """What a small attack on the image itself does to the prediction.

    Attributes:
        attacked: the prediction under the attack.
        ball: the attack.
        stable: whether the class stays the same.
    """

    attacked: Prediction
    ball: AttackBall
    stable: bool


@dataclass(frozen=True)
class Finding:
    """All that the outputs of one image say."""

    source: Source
    prediction: Prediction
    stability: Stability


@dataclass(frozen=True)
class Model:
    """Which model answers.

    Attributes:
        name: the bundle's name.
        version: the bundle's version.
        sha256: hash of its weights as the run's report names it, in hexadecimal digits.
    """

    name: str
    version: str
    sha256: str


@dataclass(frozen=True)
class Documents:
    """The two DICOM objects made of a finding.

    Attributes:
        finding: what they say.
        overlay: the secondary capture.
        report: the structured report.
    """

    finding: Finding
    overlay: Any
    report: Any
