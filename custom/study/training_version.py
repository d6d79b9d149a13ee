"""The declared version of what affects a training beside its settings and its data."""

from __future__ import annotations

TRAINING_VERSIONS = {
    1: "the first study",
}
"""Why the version was raised, each time. Raise it whenever a change of the code, or of a default that a grid does not
set, gives a training other weights: finished runs of earlier versions then no longer count. Whatever leaves the weights
as they are (reports, messages, speed up to rounding) leaves the version as it is."""

TRAINING_VERSION = max(TRAINING_VERSIONS)
