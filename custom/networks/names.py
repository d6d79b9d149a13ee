"""Names of weights without the prefixes that wrappers add."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

Value = TypeVar("Value")

WRAPPERS = ("module.", "_orig_mod.", "model.")
"""What ``DataParallel`` and its relatives, ``torch.compile`` and Lightning put in front of every name."""


def without_wrappers(state: Mapping[str, Value]) -> dict[str, Value]:
    """Remove prefixes of wrappers that all names of a state dict share, and ``_orig_mod.`` anywhere.

    Args:
        state: values by the name of a weight.

    Returns:
        The same values under shorter names.

    Example::

        >>> from custom.networks.names import without_wrappers
        >>> without_wrappers({"module._orig_mod.fc.weight": 1, "module._orig_mod.fc.bias": 2})
        {'fc.weight': 1, 'fc.bias': 2}

    """
    names = [name.replace("._orig_mod.", ".") for name in state]
    while names and (prefix := next((p for p in WRAPPERS if all(name.startswith(p) for name in names)), None)):
        names = [name.removeprefix(prefix) for name in names]
    return dict(zip(names, state.values(), strict=True))
