"""Measure the inner loop and the training step against torchattacks, ART, foolbox and a plain training loop.

All contenders of a comparison run in turn, again and again, in this one process. Writes benchmark.json,
benchmark.md and benchmark.png. At its defaults it takes hours on two cores; --quick takes a minute. Stopped, it goes
on with the same command and --resume.

Example:
    python scripts/benchmark.py --networks squeezenet1_0 --sizes 112 --batch-size 8 --output docs
"""

from __future__ import annotations

import argparse
import sys
import warnings
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch

from custom.benchmark.group import PARTS, planned_groups
from custom.benchmark.machine import describe_machine
from custom.benchmark.measurements import Benchmark
from custom.benchmark.picture import benchmark_png
from custom.benchmark.record import read_rows, write_record
from custom.benchmark.report import benchmark_markdown
from custom.files import write_atomically
from custom.versions import present_commit

METHODS = ("std", "at", "sat", "amat", "dpaat")


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", nargs="+", default=["resnet34", "mobilenet_v2", "squeezenet1_0"])
    parser.add_argument("--sizes", nargs="+", type=int, default=[112, 224], help="heights and widths")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--methods", nargs="+", default=list(METHODS), help="training methods")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--repeats", type=int, default=3, help="measurements of each case (3)")
    parser.add_argument("--threads", type=int, help="threads of the processor (all)")
    parser.add_argument(
        "--clock",
        choices=("wall", "processor"),
        default="wall",
        help="wall-clock time, or the processor's time for a machine that others use too",
    )
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--output", type=Path, default=Path("docs"), help="folder to write to (docs)")
    parser.add_argument("--resume", action="store_true", help="measure only what benchmark.json does not have yet")
    parser.add_argument("--quick", action="store_true", help="a small case of everything, to see that it runs")
    options = parser.parse_args(arguments)
    if options.quick:
        options.networks, options.sizes, options.batch_size = ["squeezenet1_0"], [32], 4
        options.methods, options.repeats = ["at", "dpaat"], 1
        # On small images threads get in each other's way.
        options.threads = options.threads or 1
    if options.repeats < 1 or options.batch_size < 2:
        parser.error("--repeats must be at least 1 and --batch-size at least 2.")
    if options.threads:
        torch.set_num_threads(options.threads)
    # The libraries compared with warn of settings that are theirs.
    warnings.simplefilter("ignore")
    try:
        run(options, torch.device(options.device))
    except (ValueError, OSError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 1
    print(f"Wrote benchmark.json, benchmark.md and benchmark.png to {options.output}.")
    return 0


def run(options: argparse.Namespace, device: torch.device) -> None:
    """Measure what is not measured yet, store it group by group, and write the page and the picture."""
    machine, path = describe_machine(device), options.output / "benchmark.json"
    rows = read_rows(path, machine, options.clock) if options.resume else []
    commit = present_commit()
    known = {row.group for row in rows}
    print(f"{path} has {len(known)} groups and gets more one by one. Once stopped, go on with --resume.", flush=True)
    benchmark = Benchmark(options.repeats, options.clock, device)
    planned = planned_groups(
        options.parts, options.networks, options.sizes, options.batch_size, options.methods, device
    )
    for group in (group for group in planned if group not in known):
        for row in benchmark.measure(group):
            rows.append(replace(row, commit=commit))
            print(f"{row.part}, {row.network}, {row.size}, {row.case}: {row.timing.median:.3f} s", flush=True)
        write_record(path, rows, machine, options.clock)
    # Measured in stages, the groups come in any order.
    rows.sort(key=lambda row: (PARTS.index(row.group.kind), row.group))
    markdown = benchmark_markdown(rows, machine, options.clock)
    write_atomically(options.output / "benchmark.md", markdown.encode())
    write_atomically(options.output / "benchmark.png", benchmark_png(rows))


if __name__ == "__main__":
    sys.exit(main())
