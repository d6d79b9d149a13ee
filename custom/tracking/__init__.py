"""Recording in MLflow: one way to open an experiment, for trainings and evaluations."""

from custom.tracking.experiment import MLFLOW_ERRORS, Experiment, first_line, open_experiment, recorded_run
from custom.tracking.inputs import data_input, training_data
from custom.tracking.registry import register_model, tag_versions

__all__ = [
    "MLFLOW_ERRORS",
    "Experiment",
    "data_input",
    "first_line",
    "open_experiment",
    "recorded_run",
    "register_model",
    "tag_versions",
    "training_data",
]
