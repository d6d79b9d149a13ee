"""What can be known to go wrong before a training has begun."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from custom.cli.command_line import CommandLine
from custom.cli.errors import WITH_RESUME, make_errors_readable
from custom.cli.kinds import EXPRESSION
from custom.cli.overrides import check_overrides
from custom.cli.user_error import user_error
from custom.cli.values import VALUES, check_value, check_values

if TYPE_CHECKING:
    import torch
    from monai.bundle import ConfigParser

NOT_RESOLVED = frozenset({"output_dir", "class_names", "datalist"})
"""Keys that are not computed only to check them: they claim a folder, or read the data."""


def check_command_line(after_interruption: str = WITH_RESUME) -> None:
    """Check the values of the config that is being run, and the command line of ``monai.bundle`` if that runs it.

    It is the first item of a config's ``initialize``, so that the checks cover what comes after it, whatever the
    config was started by: ``monai.bundle``, ``custom.bundle``, ``torchrun`` or a notebook's ``ConfigWorkflow``. A
    command line also gets readable errors.

    Args:
        after_interruption: what to do after an interruption, to be said then.

    Raises:
        ValueError: if a value is none that its key takes, or an override names an id that the config does not have.

    Example::

        >>> from custom.cli import check_command_line
        >>> check_command_line()

    """
    from custom.runs import running_parser

    quiet_readers()
    command_line = CommandLine.read()
    if command_line is not None:
        make_errors_readable(after_interruption)
        if command_line.dropped:
            key = command_line.dropped[0]
            raise ValueError(
                f"MONAI drops --{key} None and keeps the config's value; write --{key} '$None', "
                f"or start with python -m custom.bundle."
            )
        check_overrides(command_line)
        check_values(command_line.overrides, given=True)
    parser = running_parser()
    if parser is not None:
        check_config(parser)


def check_config(parser: ConfigParser) -> None:
    """Check the values of a config, its expressions resolved.

    Args:
        parser: the config.

    Raises:
        ValueError: if a value is none that its key takes, cannot be computed, or the device is not there.
    """
    config = parser.get()
    check_values(config)
    for key in VALUES:
        written = config.get(key)
        if key in NOT_RESOLVED or not (isinstance(written, str) and written.startswith(EXPRESSION)):
            continue
        value = _computed(parser, key, written)
        check_value(key, value)
        if key == "device":
            check_device(value)
    if isinstance(config.get("device"), str) and not config["device"].startswith(EXPRESSION):
        check_device(config["device"])


def _computed(parser: ConfigParser, key: str, written: str) -> Any:
    try:
        return parser.get_parsed_content(key)
    except Exception as error:
        if user_error(error) is not None:
            raise
        cause: BaseException = error
        while cause.__cause__ is not None:
            cause = cause.__cause__
        raise ValueError(f"{key} {written!r} cannot be computed: {type(cause).__name__}: {cause}.") from error


def check_device(device: str | torch.device) -> None:
    """Check that a device is here.

    Args:
        device: a device, or its name.

    Raises:
        ValueError: if it is not.
    """
    import torch

    device = torch.device(device)
    count = {"cuda": torch.cuda.device_count(), "mps": int(torch.backends.mps.is_available()), "cpu": 1}
    if (device.index or 0) >= count.get(device.type, 0):
        raise ValueError(f"The device {device} is not available here; pass --device cpu.")


def quiet_readers() -> None:
    """Keep MONAI's image readers from warning of what does not matter for photographs.

    Example::

        >>> from custom.cli import quiet_readers
        >>> quiet_readers()

    """
    # MONAI tries every image reader that it knows, and reports one that is not needed here.
    warnings.filterwarnings("ignore", message="NvImgCodecPydicomReader", category=UserWarning)
    logging.getLogger("monai.data.nvimgcodec_pydicom_plugin").setLevel(logging.ERROR)
    # A photograph has no place in a patient's coordinates.
    warnings.filterwarnings("ignore", message="PydicomReader: ImageOrientationPatient", category=UserWarning)


def preflight(
    dataset_dir: str,
    output_dir: str,
    resume: bool = False,
    device: str | torch.device | None = None,
    selection: str | None = None,
    metrics: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Check that a training finds its data set, its device and its metric of selection, and claim its folder.

    Args:
        dataset_dir: folder of the data set, with its ``datalist.json``.
        output_dir: folder of the results; a folder of its own for each training.
        resume: whether the training resumes from the checkpoint in ``output_dir``.
        device: where the training is to run.
        selection: the metric that chooses the best epoch.
        metrics: those of the validation by their names.

    Raises:
        FileNotFoundError: if there is no data set, or with ``resume`` no training to resume.
        FileExistsError: if another training's results are in ``output_dir``.
        ValueError: if the device is not there, or there is no such metric.
        OSError: if ``output_dir`` cannot be written.

    Example::

        >>> from custom.cli import preflight
        >>> preflight("data/synthetic", "runs/first")

    """
    from custom.runs import claim

    if not (Path(dataset_dir) / "datalist.json").is_file():
        raise FileNotFoundError(
            f"No data set found in {dataset_dir}; make one with "
            f"`python scripts/make_synthetic.py --output {dataset_dir}`, or prepare images with "
            f"`python scripts/prepare.py PATH --output DIR`, and pass it with --dataset_dir."
        )
    if device is not None:
        check_device(device)
    known = [name for group in metrics for name in group]
    if selection is not None and known and selection not in known:
        raise ValueError(f"selection must be one of {', '.join(known)}, not {selection!r}.")
    claim(output_dir, resume)
