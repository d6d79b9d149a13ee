"""Run a study, a grid of trainings with their evaluations, on Ray, or make the report of one.

GRID is a file such as bundle/configs/study/two_cores.json. Each run trains, is evaluated on all test images, and leaves
a small record. Finished runs are known by the hash of their settings, their data and the declared version of the
training code, and are not repeated, whoever made the record: start the same command again after any interruption, or
pass --records with a folder that another machine began. A failed run is reported and does not stop the others.

Examples:
    python scripts/study.py bundle/configs/study/two_cores.json --data data --weights weights
    python scripts/study.py bundle/configs/study/paper.json --dry-run
    python scripts/study.py bundle/configs/study/two_cores.json --data data --address auto --gpus-per-run 0.5
    python scripts/study.py --report docs/results/two_cores/records
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

from custom.cli import readable_errors, require_packages
from custom.counts import counted

RAY = "Ray is not installed; run 'python -m pip install -r requirements-study.txt'."


@readable_errors
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 1 if a run failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("grid", nargs="?", type=Path, metavar="GRID", help="the grid's file")
    parser.add_argument("--data", type=Path, default=Path("data"), help="folder of the prepared data sets (data)")
    parser.add_argument("--weights", type=Path, help="folder of files with initial weights")
    parser.add_argument("--output", type=Path, help="folder for trainings and logs (studies/NAME)")
    parser.add_argument("--records", type=Path, help="folder of the records (records in the output folder)")
    parser.add_argument("--external", type=Path, metavar="DIR", help="prepared data set to test every new run on, too")
    parser.add_argument("--cpus", type=int, help="CPUs of the local cluster (all)")
    parser.add_argument("--cpus-per-run", type=int, default=1, help="CPUs, and threads, of a run (1)")
    parser.add_argument("--gpus-per-run", type=float, default=0, help="GPUs of a run; may be a fraction (0)")
    parser.add_argument("--memory-per-run", type=float, metavar="GB", help="memory of a run (any)")
    parser.add_argument("--address", help="of a Ray cluster, or 'auto' (a cluster on this machine)")
    parser.add_argument("--idle", action="store_true", help="take only the time that no other program wants (Linux)")
    parser.add_argument("--no-mlflow", action="store_true", help="keep no records in MLflow")
    parser.add_argument("--dry-run", action="store_true", help="list the runs and estimate their hours, and stop")
    parser.add_argument("--report", type=Path, metavar="FOLDER", help="make the report of a folder of records")
    options = parser.parse_args(arguments)
    if options.report is not None:
        from custom.study.report import write_report

        print(f"Report: {write_report(options.report)}")
        return 0
    if options.grid is None:
        parser.error("pass a grid, or --report with a folder of records.")
    return dry_run(options) if options.dry_run else run_study(options)


def run_study(options: argparse.Namespace) -> int:
    """Run all that is not finished; returns 1 if a run failed."""
    require_packages("ray", otherwise=RAY)
    from custom.study import read_grid
    from custom.study.cluster import Resources, Result, run_on_ray
    from custom.study.execution import Place
    from custom.study.plan import check_study, write_plan
    from custom.study.progress import Progress
    from custom.study.record import read_record
    from custom.study.tracking import StudyTracking

    grid = read_grid(options.grid, options.data, options.weights)
    output: Path = (options.output or Path("studies") / grid.name).resolve()
    records: Path = (options.records or output / "records").resolve()
    check_study(output, records, grid.name)
    place = Place(
        output,
        records,
        options.data.resolve(),
        options.weights,
        external=options.external.resolve() if options.external else None,
        mlflow=not options.no_mlflow,
        idle=options.idle,
    )
    if place.external and not (place.external / "datalist.json").is_file():
        raise FileNotFoundError(
            f"No datalist.json found in {options.external}; pass a prepared data set to --external."
        )
    resources = Resources(
        options.address,
        options.cpus,
        options.cpus_per_run,
        options.gpus_per_run,
        None if options.memory_per_run is None else int(options.memory_per_run * 1e9),
    )
    tracking = StudyTracking(grid, place, f"study-{grid.name}")
    if place.mlflow:
        tracking.start()
    before, failed, ended = 0, dict[str, Result](), set[str]()
    # More than once if the runs that are finished decide on others: those in a chosen recipe.
    for turn in itertools.count():
        grid = read_grid(options.grid, options.data, options.weights, records)
        write_plan(output, records, grid)
        known = frozenset(key for key, run in grid.different.items() if read_record(records, run) is not None)
        before = before if turn else len(known)
        rest = [run for key, run in grid.different.items() if key not in known and key not in ended]
        if not rest:
            break
        # What decides on a recipe first, so that the runs in that recipe come when the order has them.
        rest = [run for run in rest if run.hash in grid.ahead] or rest
        progress = Progress(grid.different, place, known)
        tracking.restart()

        def watch(results: list[Result], progress: Progress = progress) -> None:
            progress(results)
            tracking.update(results)

        results = run_on_ray(rest, place, grid.evaluation, f"study-{grid.name}", resources, watch)
        ended |= {result.run.hash for result in results}
        failed |= {result.run.hash: result for result in results if result.error}
    if place.mlflow:
        tracking.end(len(failed))
    print(f"Runs finished before: {before}; now: {len(known) - before}; failed: {len(failed)}.")
    for name in (name for name, recipe in grid.recipes.items() if recipe is None):
        print(f"{name} waits for its recipe: runs of {grid.groups[name]['recipe_of']} are not finished.")
    print(f"Records: {records}. The report: python scripts/study.py --report {records}")
    return 1 if failed else 0


def dry_run(options: argparse.Namespace) -> int:
    """List the runs and their hours."""
    from custom.files.read_json import read_json
    from custom.study import read_grid
    from custom.study.estimate import estimated_hours

    grid = read_grid(options.grid, options.data, options.weights, hash_data=False)
    for name in grid.recipes:
        print(f"{name}: its runs are planned when {grid.groups[name]['recipe_of']} is finished.")
    images = {}
    for folder in {run.data for run in grid.runs}:
        path = options.data / folder / "datalist.json"
        if path.is_file():
            content = read_json(path)
            images[folder] = {split: len(content.get(split, [])) for split in ("training", "validation", "test")}
    different = list(grid.different.values())
    hours = estimated_hours(different, images)
    for run, estimate in zip(different, hours, strict=True):
        print(f"{run.label:70} {estimate:7.2f} h")
    total, cores = sum(hours), options.cpus or os.cpu_count() or 1
    print(
        f"{counted(len(different), 'run')}; about {total:.1f} hours of one core, "
        f"{total * options.cpus_per_run / cores:.1f} hours on {counted(cores, 'core')}, by the time of a pass through "
        "each network here."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
