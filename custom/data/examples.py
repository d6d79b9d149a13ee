"""How large the data sets are that are made to try things on, unless somebody wants another size."""

IMAGES_PER_CLASS = 500
"""Synthetic dermoscopic images of a class."""
VOLUMES_PER_CLASS = 160
"""Synthetic volumes of a class, and blocks of the MR image."""


def split_counts(per_class: int, validation: float, test: float) -> dict[str, int]:
    """How many images of a class are in each split.

    Args:
        per_class: images of the class.
        validation: share of them that is for validation.
        test: share of them that is for testing; the others are for training.

    Example::

        >>> split_counts(160, validation=0.15, test=0.25)
        {'training': 96, 'validation': 24, 'test': 40}

    """
    counts = {"validation": round(validation * per_class), "test": round(test * per_class)}
    return {"training": per_class - sum(counts.values()), **counts}
