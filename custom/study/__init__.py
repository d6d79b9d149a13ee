"""Studies: grids of trainings that are run, evaluated, recorded and reported."""

from custom.study.grid import Grid, read_grid
from custom.study.planned_run import Outcome, PlannedRun
from custom.study.record import read_records

__all__ = ["Grid", "Outcome", "PlannedRun", "read_grid", "read_records"]
