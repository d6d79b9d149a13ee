"""What the abbreviations of classes stand for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

SKIN_LESIONS = {
    "MEL": "melanoma",
    "NV": "nevus",
    "BCC": "basal cell carcinoma",
    "AK": "actinic keratosis",
    "AKIEC": "actinic keratosis or Bowen's disease",
    "BKL": "benign keratosis",
    "DF": "dermatofibroma",
    "VASC": "vascular lesion",
    "SCC": "squamous cell carcinoma",
}
"""The diagnoses of HAM10000 and of the ISIC challenges, by their codes."""


def spelled_out(class_names: Sequence[str], descriptions: Mapping[str, str] | None = None) -> dict[str, str]:
    """Spell class names out for readers who do not know the codes.

    Args:
        class_names: the classes' names.
        descriptions: what names stand for, if the data set says so; they come before :data:`SKIN_LESIONS`.

    Returns:
        By name ``"melanoma (MEL)"``, or the name itself if nobody says what it stands for. The codes of skin lesions
        count only if all classes have one: a lone ``DF`` may be anything.

    Example::

        >>> from custom.report.class_names import spelled_out
        >>> spelled_out(["MEL", "NV"])
        {'MEL': 'melanoma (MEL)', 'NV': 'nevus (NV)'}
        >>> spelled_out(["NV", "normal"])
        {'NV': 'NV', 'normal': 'normal'}

    """
    known = dict(descriptions or {})
    if all(name.upper() in SKIN_LESIONS for name in class_names):
        known = {name: SKIN_LESIONS[name.upper()] for name in class_names} | known
    return {name: f"{known[name]} ({name})" if known.get(name, name) != name else name for name in class_names}
