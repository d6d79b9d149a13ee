"""A setting and its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Decision:
    """A value for a key of the config, and why.

    Args:
        key: the key.
        value: its value, in types that YAML has.
        reason: sentences.

    """

    key: str
    value: Any
    reason: str
