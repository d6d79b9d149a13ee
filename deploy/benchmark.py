"""How many images a minute the application handles, and how much memory it takes, as a table.

It makes photographs in DICOM (baseline JPEG, noise on a smooth ground) and runs the application on them in processes
of their own.

Example:
    python -m deploy.benchmark -m bundles/skin --images 50 500
"""

from __future__ import annotations

import argparse
import io
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import JPEGBaseline8Bit, VLPhotographicImageStorage, generate_uid

WIDTH, HEIGHT = 600, 450


class Run(NamedTuple):
    """What a run took: seconds by the clock and of processors, and peak resident memory in MB."""

    seconds: float
    cpu_seconds: float
    memory: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-m", "--model", type=Path, required=True, help="folder of an exported bundle")
    parser.add_argument("--images", type=int, nargs="+", default=[50, 500], help="how many, for each run (50 500)")
    options = parser.parse_args(arguments)
    print("| images | seconds | images per second | CPU seconds per image | start, seconds | peak memory, MB |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder:
        start = measure(options.model, make_photographs(Path(folder) / "one", 1), Path(folder) / "out-one")
        for count in options.images:
            photographs = make_photographs(Path(folder) / str(count), count)
            run = measure(options.model, photographs, Path(folder) / f"out-{count}")
            # The first image counts as part of the start.
            images = max(count - 1, 1)
            rate, each = images / (run.seconds - start.seconds), (run.cpu_seconds - start.cpu_seconds) / images
            print(
                f"| {count} | {run.seconds:.0f} | {rate:.2f} | {each:.2f} | {start.seconds:.0f} | {run.memory:.0f} |",
                flush=True,
            )
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else f"{os.cpu_count()} cores, no GPU"
    print(
        f"\nImages of {WIDTH}x{HEIGHT}; {platform.machine()}, {device}, threads of PyTorch: {torch.get_num_threads()}."
    )
    return 0


def make_photographs(folder: Path, count: int) -> Path:
    """Write DICOM photographs of one series.

    Args:
        folder: where to; made.
        count: how many.

    Returns:
        The folder.

    """
    folder.mkdir(parents=True)
    study, series = generate_uid(prefix=None), generate_uid(prefix=None)
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    ground = np.stack([200 - rows / 6, 120 + columns / 12, 110 + rows / 9], axis=-1)
    random = np.random.default_rng(0)
    for number in range(count):
        pixels = np.clip(ground + random.normal(0, 12, ground.shape), 0, 255).astype(np.uint8)
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "JPEG", quality=90)
        dataset = Dataset()
        dataset.SOPClassUID, dataset.SOPInstanceUID = VLPhotographicImageStorage, generate_uid(prefix=None)
        dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.InstanceNumber = study, series, number + 1
        dataset.Modality, dataset.PhotometricInterpretation, dataset.PlanarConfiguration = "XC", "YBR_FULL_422", 0
        dataset.Rows, dataset.Columns, dataset.SamplesPerPixel = HEIGHT, WIDTH, 3
        dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 8, 8, 7, 0
        dataset.PixelData = encapsulate([file.getvalue()])
        dataset["PixelData"].VR, dataset["PixelData"].is_undefined_length = "OB", True
        dataset.file_meta = FileMetaDataset()
        dataset.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
        dataset.save_as(folder / f"{number:04}.dcm", enforce_file_format=True)
    return folder


def measure(model: Path, source: Path, output: Path) -> Run:
    """Run the application in a process of its own.

    Args:
        model: the bundle.
        source: the images.
        output: folder for the results.

    Returns:
        What it took.

    Raises:
        RuntimeError: it failed.

    """
    start = time.perf_counter()
    command = [sys.executable, "-m", "deploy", "-i", str(source), "-o", str(output), "-m", str(model)]
    process = subprocess.Popen(command, cwd=Path(__file__).resolve().parents[1], stderr=subprocess.DEVNULL)
    # Of this one child, while the usual call tells the largest of all so far.
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"The application ended with {os.waitstatus_to_exitcode(status)}.")
    return Run(time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


if __name__ == "__main__":
    sys.exit(main())
