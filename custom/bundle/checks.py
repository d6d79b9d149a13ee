"""What can be known to go wrong before a training has begun."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path

import torch

from custom.bundle.command_line import CommandLine
from custom.bundle.errors import WITH_RESUME, make_errors_readable
from custom.bundle.overrides import check_overrides
from custom.runs import claim


def check_command_line(going_on: str = WITH_RESUME) -> None:
    """Make errors readable, and check the overrides where ``monai.bundle`` was started from the command line.

    It is the first item of a config's ``run``, so that the checks cover what comes after it.

    Args:
        going_on: what to do after an interruption, to be said then.

    Raises:
        ValueError: when an override names an id that the config does not have.

    Example::

        >>> from custom.bundle import check_command_line
        >>> check_command_line()

    """
    make_errors_readable(going_on)
    quiet_readers()
    command_line = CommandLine.read()
    if command_line is not None:
        check_overrides(command_line)


def quiet_readers() -> None:
    """Keep MONAI's image readers from warning of what does not matter for photographs.

    Example::

        >>> from custom.bundle.checks import quiet_readers
        >>> quiet_readers()

    """
    # MONAI tries every image reader that it knows, and reports one that is not needed here.
    warnings.filterwarnings("ignore", message="NvImgCodecPydicomReader", category=UserWarning)
    logging.getLogger("monai.data.nvimgcodec_pydicom_plugin").setLevel(logging.ERROR)
    # A photograph has no place in a patient's coordinates.
    warnings.filterwarnings("ignore", message="PydicomReader: ImageOrientationPatient", category=UserWarning)


def preflight(dataset_dir: str, output_dir: str, resume: bool = False, device: torch.device | None = None) -> None:
    """Check that a training finds its data set and its device, and claim its folder.

    Args:
        dataset_dir: folder of the data set, with its ``datalist.json``.
        output_dir: folder of the results; a folder of its own for each training.
        resume: whether the training goes on from the checkpoint in ``output_dir``.
        device: where the training is to run.

    Raises:
        FileNotFoundError: when there is no data set, or with ``resume`` no checkpoint.
        FileExistsError: when another training's results are in ``output_dir``.
        ValueError: when the device is not there.
        OSError: when ``output_dir`` cannot be written.

    Example::

        >>> from custom.bundle import preflight
        >>> preflight("data/synthetic", "runs/first")

    """
    if not (Path(dataset_dir) / "datalist.json").is_file():
        raise FileNotFoundError(
            f"There is no data set in {dataset_dir}: make one with "
            f"`python scripts/make_synthetic.py --output {dataset_dir}`, or prepare images with "
            f"`python scripts/prepare.py PATH --output DIR`, and give that with --dataset_dir."
        )
    if device is not None and torch.device(device).type == "cuda" and not torch.cuda.is_available():
        raise ValueError(f"The device {device} is not available here: give --device cpu.")
    claim(output_dir, resume)
