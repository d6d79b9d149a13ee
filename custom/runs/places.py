"""The places that a run's config names: absolute as they are written, and found again if the run has moved."""

from __future__ import annotations

import ast
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from custom.files.config_data import config_data

PLACES = ("bundle_root", "dataset_dir", "datalist", "weights")
"""Keys whose value may be the place of something that a training reads."""


def absolute_places(config: Mapping[str, Any], folder: str | Path) -> dict[str, Any]:
    """Make the places in a config absolute, so that it can be used from any working directory.

    Args:
        config: the config of a training, nothing in it resolved.
        folder: the run's folder.

    Returns:
        A copy. Its ``output_dir`` is the run's folder, by which `moved_places` sees how the run has moved.

    Example::

        >>> from custom.runs.places import absolute_places
        >>> absolute_places({"dataset_dir": "/data/ct", "output_dir": "$@runs_dir + '/at'"}, "/runs/at")
        {'dataset_dir': '/data/ct', 'output_dir': '/runs/at'}

    """
    absolute = dict(config)
    for key in (*PLACES, "runs_dir"):
        place = _place(config.get(key))
        # Weights may also be a name, such as IMAGENET1K_V1.
        if place is not None and (key != "weights" or Path(place).is_file()):
            absolute[key] = config_data(_absolute(place))
    if "output_dir" in config:
        absolute["output_dir"] = config_data(_absolute(folder))
    return absolute


def moved_places(config: Mapping[str, Any], folder: str | Path) -> dict[str, str]:
    """Find what a run's config names where it is now.

    What is at its place stays there. Anything else is looked for where it lay as seen from the run's folder, so that
    a run that has moved together with its data (a renamed clone, say) finds them. Configs of earlier versions have
    relative places, which are looked for in the working directory and in the folders above the run.

    Args:
        config: the run's config as it is written.
        folder: where the run is now.

    Returns:
        The keys whose value is no longer what is written, and their values.
    """
    now = Path(_absolute(folder))
    before = _place(config.get("output_dir"))
    has_moved = before is not None and Path(before).is_absolute() and Path(before) != now
    moved = {"output_dir": str(now), "runs_dir": str(now.parent)} if has_moved else {}
    for key in PLACES:
        place = _place(config.get(key))
        if place is None or Path(place).exists():
            continue
        if not Path(place).is_absolute():
            candidates = [str(above / place) for above in now.parents]
        else:
            candidates = [os.path.normpath(now / os.path.relpath(place, before))] if has_moved else []
        found = next((candidate for candidate in candidates if Path(candidate).exists()), None)
        if found is not None:
            moved[key] = found
    return {key: config_data(place) for key, place in moved.items()}


def _absolute(place: str | Path) -> str:
    """The absolute path, links as they are named."""
    return os.path.abspath(place)  # noqa: PTH100


def _place(written: Any) -> str | None:
    """The place that a value of a config names; ``None`` for whatever is to be computed."""
    if isinstance(written, str) and written.startswith("$"):
        try:
            # Text that MONAI would change is written as a literal, see `config_data`.
            written = ast.literal_eval(written[1:])
        except (SyntaxError, ValueError):
            return None
    return written if isinstance(written, str) and written and not written.startswith(("$", "@", "%")) else None
