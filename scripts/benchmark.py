"""Measure the inner loop and the training step against torchattacks, ART, foolbox and a plain training loop.

All contenders of a comparison run in turn, again and again, in this one process. Writes benchmark.json,
benchmark.md and benchmark.png. At its defaults it takes hours on two cores; --quick takes a minute.

Example:
    python scripts/benchmark.py --networks squeezenet1_0 --sizes 112 --batch-size 8 --output docs
"""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch
from monai.bundle import ConfigParser

from custom.benchmark.machine import describe_machine
from custom.benchmark.measurements import TRAINED, Benchmark
from custom.benchmark.report import benchmark_markdown, benchmark_png
from custom.benchmark.row import Row
from custom.benchmark.timing import alternate
from custom.files import write_atomically

TRAIN_CONFIG = Path(__file__).resolve().parents[1] / "bundle" / "configs" / "train.json"
PARTS = ("attack", "training", "scaling", "processes", "loader")


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", nargs="+", default=["resnet34", "mobilenet_v2", "squeezenet1_0"])
    parser.add_argument("--sizes", nargs="+", type=int, default=[112, 224], help="heights and widths")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--methods", nargs="+", default=list(TRAINED), help="training methods")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--repeats", type=int, default=5, help="measurements of each case (5)")
    parser.add_argument("--threads", type=int, help="threads of the processor (all)")
    parser.add_argument(
        "--clock",
        choices=("wall", "processor"),
        default="wall",
        help="wall-clock time, or the processor's time for a machine that others use too",
    )
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--output", type=Path, default=Path("docs"), help="folder to write to (docs)")
    parser.add_argument("--quick", action="store_true", help="a small case of everything, to see that it runs")
    options = parser.parse_args(arguments)
    if options.quick:
        options.networks, options.sizes, options.batch_size = ["squeezenet1_0"], [32], 4
        options.methods, options.repeats = ["at", "dpaat"], 1
    if options.repeats < 1 or options.batch_size < 2:
        parser.error("--repeats must be at least 1 and --batch-size at least 2.")
    if options.threads:
        torch.set_num_threads(options.threads)
    # The libraries compared with warn of settings that are theirs.
    warnings.simplefilter("ignore")
    device = torch.device(options.device)
    rows: list[Row] = []
    try:
        for row in measure(options, device):
            rows.append(row)
            print(f"{row.part}, {row.network}, {row.size}, {row.case}: {row.timing.median:.3f} s", flush=True)
        write(rows, options, device)
    except (ValueError, OSError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 1
    print(f"Wrote benchmark.json, benchmark.md and benchmark.png to {options.output}.")
    return 0


def measure(options: argparse.Namespace, device: torch.device) -> Iterator[Row]:
    """All parts asked for, row by row."""
    benchmark = Benchmark(options.repeats, options.clock, device)
    pairs = [(network, size) for network in options.networks for size in options.sizes]
    for network, size in pairs:
        if "attack" in options.parts:
            yield from benchmark.attacks(network, size, options.batch_size)
        if "training" in options.parts:
            yield from benchmark.training(network, size, options.batch_size, options.methods)
    network, size = options.networks[-1], options.sizes[0]
    if "scaling" in options.parts:
        batch_sizes = sorted({max(2, options.batch_size // 4), max(2, options.batch_size // 2), options.batch_size})
        yield from benchmark.scaling(network, options.sizes, batch_sizes, ["at", "dpaat"])
    if "processes" in options.parts and device.type == "cpu":
        yield from benchmark.processes(network, size, options.batch_size, "dpaat")
    if "loader" in options.parts:
        yield from loader(options, network)


def loader(options: argparse.Namespace, network: str) -> Iterator[Row]:
    """The random transforms of the training config on one batch, which is what a cached loader does."""
    for size in options.sizes:
        config = ConfigParser()
        config.read_config(TRAIN_CONFIG)
        config["image_size"] = size
        transforms = config.get_parsed_content("train#random_transforms")

        def batch(size: int = size, transforms: list = transforms) -> None:
            for _ in range(options.batch_size):
                sample = {"image": torch.rand(3, size, size)}
                for transform in transforms:
                    sample = transform(sample)

        timing = alternate({"loader": batch}, options.repeats, options.clock)["loader"]
        yield Row("loader", network, size, options.batch_size, "random transforms", timing)


def write(rows: list[Row], options: argparse.Namespace, device: torch.device) -> None:
    """Write the three files."""
    machine = describe_machine(device)
    record = {"machine": machine, "clock": options.clock, "rows": [row.as_record() for row in rows]}
    write_atomically(options.output / "benchmark.json", (json.dumps(record, indent=1) + "\n").encode())
    markdown = benchmark_markdown(rows, machine, options.clock)
    write_atomically(options.output / "benchmark.md", markdown.encode())
    write_atomically(options.output / "benchmark.png", benchmark_png(rows))


if __name__ == "__main__":
    sys.exit(main())
