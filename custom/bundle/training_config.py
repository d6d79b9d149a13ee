"""The config that a training left in its folder."""

from __future__ import annotations

from pathlib import Path

from monai.bundle import ConfigParser

from custom.handlers.mlflow_run import CONFIG_NAME


def training_config(folder: str | Path, *overrides: str | Path) -> ConfigParser:
    """Read what a training ran with.

    Args:
        folder: the training's output folder.
        overrides: config files to be merged on top, as after ``--config_file``.

    Returns:
        The config, with its references and expressions as they are written.

    Raises:
        FileNotFoundError: when no training left its config there.

    Example::

        >>> from custom.bundle import training_config
        >>> training_config("bundle/runs/at-squeezenet1_1")["method"]  # doctest: +SKIP
        'at'

    """
    path = Path(folder) / CONFIG_NAME
    if not path.is_file():
        raise FileNotFoundError(f"There is no {CONFIG_NAME} in {folder}: give the output folder of a training.")
    parser = ConfigParser()
    parser.read_config([str(path), *map(str, overrides)])
    return parser
