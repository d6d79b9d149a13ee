"""Measure attacks and training steps against torchattacks, ART, foolbox and a plain training loop.

The cases of a comparison take turns in this one process. Writes benchmark.json, benchmark.md and benchmark.png.
With its defaults it takes hours on two cores; --quick takes a minute. The same command with --resume resumes an
interrupted benchmark.

Example:
    python -m benchmarks --networks squeezenet1_0 --sizes 112 --batch-size 8 --output benchmark
"""

from __future__ import annotations

import argparse
import sys
import warnings
from pathlib import Path

import torch

from benchmarks.figure import benchmark_png
from benchmarks.groups import PARTS, Group, planned_groups
from benchmarks.machine import describe_machine
from benchmarks.measure import Benchmark
from benchmarks.page import benchmark_markdown
from benchmarks.record import read_rows, write_record
from benchmarks.training import PLAIN_LOOPS
from custom.counts import counted
from custom.files import write_atomically
from custom.versions import present_commit


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--networks", nargs="+", default=["resnet34", "mobilenet_v2", "squeezenet1_0"])
    parser.add_argument("--sizes", nargs="+", type=int, default=[112, 224], help="heights and widths")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--methods", nargs="+", default=list(PLAIN_LOOPS), help="methods of the part training")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--repeats", type=int, default=3, help="measurements of each case (3)")
    parser.add_argument("--threads", type=int, help="threads of the processor (all)")
    parser.add_argument(
        "--clock",
        choices=("wall", "processor"),
        default="wall",
        help="wall-clock time, or CPU time for a machine that others use too",
    )
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--output", type=Path, default=Path("benchmark"), help="folder to write to (benchmark)")
    parser.add_argument("--resume", action="store_true", help="measure only what benchmark.json does not have yet")
    parser.add_argument("--quick", action="store_true", help="a small case of everything, to see that it runs")
    options = parser.parse_args(arguments)
    if options.quick:
        options.networks, options.sizes, options.batch_size = ["squeezenet1_0"], [32], 4
        options.methods, options.repeats = ["at", "dpaat"], 1
        # On small images more threads only wait for each other.
        options.threads = options.threads or 1
    if options.repeats < 1 or options.batch_size < 2:
        parser.error("--repeats must be at least 1 and --batch-size at least 2.")
    if options.threads:
        torch.set_num_threads(options.threads)
    # The libraries warn of settings that are the same for all.
    warnings.simplefilter("ignore")
    try:
        run(options, torch.device(options.device))
    except (ValueError, OSError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 1
    print(f"Wrote benchmark.json, benchmark.md and benchmark.png to {options.output}.")
    return 0


def run(options: argparse.Namespace, device: torch.device) -> None:
    """Measure what is not measured yet, store it group by group, and write the page and the figure."""
    machine, path = describe_machine(device), options.output / "benchmark.json"
    rows = read_rows(path, machine, options.clock) if options.resume else []
    commit = present_commit()
    known = {Group(*(row[name] for name in Group._fields)) for row in rows}
    print(
        f"{path} has {counted(len(known), 'group')}; more are added one by one. --resume resumes after a stop.",
        flush=True,
    )
    benchmark = Benchmark(options.repeats, options.clock, device)
    planned = planned_groups(
        options.parts, options.networks, options.sizes, options.batch_size, options.methods, device
    )
    for group in planned:
        if group in known:
            continue
        for row in benchmark.measure(group):
            rows.append({**row, "commit": commit})
            where = " ".join(str(value) for value in group if value != "")
            print(f"{where}, {row['case']}: {sorted(row['seconds'])[len(row['seconds']) // 2]:.3f} s", flush=True)
        write_record(path, rows, machine, options.clock)
    write_atomically(options.output / "benchmark.md", benchmark_markdown(rows, machine, options.clock).encode())
    write_atomically(options.output / "benchmark.png", benchmark_png(rows))


if __name__ == "__main__":
    sys.exit(main())
