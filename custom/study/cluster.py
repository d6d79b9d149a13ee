"""Run a study's grid on Ray."""

from __future__ import annotations

import importlib
import os
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from custom.study.execution import ROOT, Place, RunFailedError, execute
from custom.study.planned_run import PlannedRun

RETRIES = 5
"""How often a run whose worker was killed is taken up again."""


@dataclass(frozen=True)
class Resources:
    """What a cluster is, and what a run needs of it.

    Attributes:
        address: of a cluster that was started with ``ray start``; none for one on this machine alone.
        cpus: CPUs of the local cluster; by default this machine's.
        run_cpus: CPUs of a run.
        run_gpus: GPUs of a run; may be a fraction.
        run_memory: bytes of a run.
    """

    address: str | None = None
    cpus: int | None = None
    run_cpus: int = 1
    run_gpus: float = 0
    run_memory: int | None = None


@dataclass(frozen=True)
class Result:
    """How a run ended.

    Attributes:
        run: the run.
        record: its record; ``None`` if it failed.
        error: why it failed, in a sentence; empty if it did not.
    """

    run: PlannedRun
    record: dict[str, Any] | None
    error: str = ""


def attempt(run: PlannedRun, place: Place, evaluation: Mapping[str, Any], experiment: str, *needed: Result) -> Result:
    """Carry out a run, and report a failure instead of raising it.

    Args:
        run: the run.
        place: where its files are.
        evaluation: keys that override those of ``evaluate.json``.
        experiment: name of the MLflow experiment.
        needed: results of the runs that this one needs.
    """
    failed = [result.run.label for result in needed if result.error]
    if failed:
        return Result(run, None, f"it needs {failed[0]}, which failed")
    try:
        return Result(run, execute(run, place, evaluation, experiment))
    except RunFailedError as error:
        return Result(run, None, str(error))
    except Exception:
        return Result(run, None, traceback.format_exc(limit=-1).strip().replace("\n", " "))


def run_on_ray(
    runs: Sequence[PlannedRun],
    place: Place,
    evaluation: Mapping[str, Any],
    experiment: str,
    resources: Resources,
    watch: Callable[[list[Result]], None],
    interval: float = 10.0,
) -> list[Result]:
    """Run everything on a Ray cluster, as many runs at once as fit.

    Ray starts the runs in their order, a run that needs others after them, and starts a run whose worker was killed
    again, which then resumes. It sends no usage statistics, and has no dashboard.

    Args:
        runs: the runs, all different.
        place: where their files are; on a cluster of several machines a folder that all of them share.
        evaluation: keys that override those of ``evaluate.json``.
        experiment: name of the MLflow experiment.
        resources: the cluster, and what a run needs of it.
        watch: called with the results so far, every ``interval`` seconds and after each run.
        interval: seconds.

    Returns:
        A result for each run, in the order in which they ended.

    Raises:
        ImportError: if Ray is not installed.
    """
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    # Ray gives each run as many threads (OMP_NUM_THREADS) as CPUs, unless the driver has a number of its own.
    os.environ.pop("OMP_NUM_THREADS", None)
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    # Typed as anything: it need not be installed for the types to be checked.
    ray: Any = importlib.import_module("ray")

    local = {} if resources.address else {"num_cpus": resources.cpus, "include_dashboard": False}
    ray.init(
        address=resources.address,
        log_to_driver=False,
        logging_level="warning",
        runtime_env={"env_vars": {"PYTHONPATH": os.environ["PYTHONPATH"]}} if resources.address else None,
        **local,
    )
    try:
        remote = ray.remote(max_calls=1)(attempt).options(
            num_cpus=resources.run_cpus,
            num_gpus=resources.run_gpus,
            memory=resources.run_memory,
            max_retries=RETRIES,
        )
        submitted: dict[str, Any] = {}
        by_reference: dict[Any, PlannedRun] = {}
        queue, waiting, results = list(runs), list[Any](), list[Result]()
        while queue or waiting:
            # Ray puts a run that had to wait for another behind all that it was given in the meantime: it gets few.
            while queue and len(waiting) < 2 * _at_once(ray.cluster_resources(), resources):
                run = queue.pop(0)
                # What is not among the runs has its record already.
                needed = [submitted[key] for key in (o.of.hash for o in run.needs.values()) if key in submitted]
                submitted[run.hash] = remote.remote(run, place, evaluation, experiment, *needed)
                by_reference[submitted[run.hash]] = run
                waiting.append(submitted[run.hash])
            done, waiting = ray.wait(waiting, num_returns=1, timeout=interval)
            results += [_result(ray, by_reference[reference], reference) for reference in done]
            watch(results)
        return results
    finally:
        ray.shutdown()


def _at_once(cluster: Mapping[str, float], resources: Resources) -> int:
    """How many runs fit on a cluster at once, at least one."""
    wanted = {"CPU": resources.run_cpus, "GPU": resources.run_gpus, "memory": resources.run_memory or 0}
    return max(1, int(min(cluster.get(name, 0) / amount for name, amount in wanted.items() if amount)))


def _result(ray: Any, run: PlannedRun, reference: Any) -> Result:
    try:
        found: Result = ray.get(reference)
    except ray.exceptions.RayError as error:
        return Result(run, None, f"its worker was lost {RETRIES + 1} times ({str(error).splitlines()[0]})")
    return found
