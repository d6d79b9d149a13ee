"""One explained image."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class ExplanationRecord:
    """One image, its predictions, and the measures of its maps.

    Attributes:
        image_id: the image's name.
        lesion_id: the lesion's name.
        label: true class.
        predicted: class predicted on the clean image.
        predicted_attacked: class predicted on the attacked image, ``None`` without an attack.
        masked: whether a lesion mask is known.
        file_name: name of the image's files, without extension.
        measures: see :func:`custom.explain.measures.measure_explanation`; ``None`` or NaN is unknown.
    """

    image_id: str
    lesion_id: str
    label: int
    predicted: int
    predicted_attacked: int | None
    masked: bool
    file_name: str
    measures: dict[str, Any] = field(default_factory=dict)
