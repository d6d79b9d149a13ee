"""Recording in MLflow: one way to open an experiment, for trainings and evaluations."""

from custom.tracking.experiment import MLFLOW_ERRORS, Experiment, first_line, open_experiment, recorded_run

__all__ = ["MLFLOW_ERRORS", "Experiment", "first_line", "open_experiment", "recorded_run"]
