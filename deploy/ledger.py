"""What became of every file."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Any

from deploy.notices import NOT_FOR_CLINICAL_USE


@dataclass
class Ledger:
    """Keeps book, so that nothing is dropped silently.

    Attributes:
        handled: name of each image that has its outputs, and what they are called.
        refused: name of everything that has none, and the reason.
        skipped: name of hidden files and folders, and the reason.
    """

    handled: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)

    def refuse(self, name: str, reason: str) -> None:
        """Note that an image is not handled, and tell so at once.

        Args:
            name: the image.
            reason: why, in words that follow its name.
        """
        self.refused[name] = reason
        print(f"refused: {name}: {reason}.", file=sys.stderr, flush=True)

    def skip(self, name: str, reason: str) -> None:
        """Note that something is left out that is not meant to be handled."""
        self.skipped[name] = reason

    def handle(self, name: str, output: str) -> None:
        """Note that an image's outputs are written."""
        self.handled[name] = output

    def summary(self) -> dict[str, Any]:
        """What ``summary.json`` holds."""
        return {
            "notice": NOT_FOR_CLINICAL_USE,
            "handled": self.handled,
            "refused": self.refused,
            "skipped": self.skipped,
        }
