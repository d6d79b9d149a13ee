"""The machine and the versions of a measurement."""

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import torch

from custom.acceleration.autocast import has_hardware

PACKAGES = ("torch", "torchvision", "monai", "torchattacks", "adversarial-robustness-toolbox", "foolbox")
IN_HARDWARE = "in hardware"


def processor_name() -> str:
    """Name of the processor."""
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def describe_machine(device: torch.device) -> dict[str, str | int]:
    """Versions, processor, threads and device, for the record."""
    found: dict[str, str | int] = {
        "python": platform.python_version(),
        "processor": processor_name(),
        "threads": torch.get_num_threads(),
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu",
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "bfloat16": IN_HARDWARE if has_hardware(torch.bfloat16, device) else "not in hardware",
    }
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found
