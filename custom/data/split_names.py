"""What splits are called."""

from __future__ import annotations

from custom.data.table import normalized

_SPELLINGS = {
    "training": ("train", "training", "trainset", "trainingset", "tr"),
    "validation": ("val", "valid", "validation", "validate", "dev", "validationset", "valset"),
    "test": ("test", "testing", "testset", "holdout", "ts"),
}


def split_of(name: str) -> str | None:
    """Return the split that a folder's or cell's name stands for, ``None`` if it stands for none.

    Example::

        >>> split_of("Train"), split_of("val"), split_of("benign")
        ('training', 'validation', None)

    """
    return next((split for split, spellings in _SPELLINGS.items() if normalized(name) in spellings), None)
