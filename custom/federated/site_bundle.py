"""A bundle for one site: the configs, and the site's own images by their paths."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from custom.cli import CommandLine
from custom.data import write_datalist
from custom.data.intensity import IntensityWindow

ROUNDS_DECIDE = {"patience": 1_000_000, "record": False, "resume": False, "num_workers": 0}
"""What the configs say differently at a site: the server ends the training, and MLflow would get a run a round."""


def write_site_bundle(
    folder: Path,
    config_files: Sequence[str],
    class_names: Sequence[str],
    splits: Mapping[str, Sequence[Mapping[str, Any]]],
    overrides: Mapping[str, Any] | None = None,
    intensity: Mapping[str, Any] | None = None,
) -> Path:
    """Write a bundle folder that ``monai.fl.client.MonaiAlgo(bundle_root=folder)`` trains and evaluates.

    ``configs/train.json`` holds all config files merged, ``evaluate.json`` and ``metadata.json`` are those beside the
    first of them, and ``data`` the datalist of the site, with the images where they are. The package ``custom`` must
    be on the path of whoever runs the bundle.

    Args:
        folder: the folder to be made.
        config_files: files to merge, the first of which is ``train.json``.
        class_names: all classes in the order of their labels. The server, which has no images, knows them from here.
        splits: the site's items, with absolute paths, by split.
        overrides: what else to change in the configs.
        intensity: the images' intensity window, by default 8 bits from 0 to 255. The server knows it from here, too.

    Returns:
        ``folder``.

    Raises:
        FileExistsError: if the folder exists already.
        FileNotFoundError: when a config file is not there.

    Example::

        >>> from custom.federated import write_site_bundle
        >>> write_site_bundle(Path("site-1"), ["train.json"], ["MEL", "NV"], splits)  # doctest: +SKIP

    """
    window = IntensityWindow.from_mapping(intensity).as_dict()
    config = CommandLine(
        tuple(config_files),
        {
            "bundle_root": ".",
            "class_names": list(class_names),
            "intensity": window,
            **ROUNDS_DECIDE,
            **(overrides or {}),
        },
    ).resolved_config()
    if folder.exists():
        raise FileExistsError(f"{folder} already exists; pass another output folder, or remove it.")
    (folder / "configs").mkdir(parents=True)
    (folder / "configs" / "train.json").write_text(json.dumps(config, indent=4), encoding="utf-8")
    for name in ("evaluate.json", "metadata.json"):
        shutil.copy(Path(config_files[0]).with_name(name), folder / "configs")
    (folder / "data").mkdir()
    write_datalist(folder / "data", folder.name, {name: name for name in class_names}, splits, intensity=window)
    return folder
