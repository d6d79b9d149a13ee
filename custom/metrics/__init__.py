"""Metrics of a classifier, their bootstrap intervals, and paired tests between two classifiers."""

from custom.metrics.bootstrap import Interval, bootstrap_intervals, bootstrap_share, group_weights
from custom.metrics.calibration import ReliabilityBins, calibration_error, reliability_bins
from custom.metrics.classification import (
    LESS_IS_BETTER,
    WITHOUT_INTERVAL,
    accuracy_metrics,
    check_predictions,
    classification_metrics,
)
from custom.metrics.paired import PairedDifference, SignFlipTest, paired_differences, sign_flip_test
from custom.metrics.predictions import Predictions
from custom.metrics.resampled import resampled_metrics
from custom.metrics.results import (
    CLEAN,
    CLEAN_KEY,
    SCHEMA,
    AttackKey,
    evaluation_folder,
    read_metrics,
    read_predictions,
    write_predictions,
)
from custom.metrics.worst_case import inside_ball, worst_case_correct

__all__ = [
    "CLEAN",
    "CLEAN_KEY",
    "LESS_IS_BETTER",
    "SCHEMA",
    "WITHOUT_INTERVAL",
    "AttackKey",
    "Interval",
    "PairedDifference",
    "Predictions",
    "ReliabilityBins",
    "SignFlipTest",
    "accuracy_metrics",
    "bootstrap_intervals",
    "bootstrap_share",
    "calibration_error",
    "check_predictions",
    "classification_metrics",
    "evaluation_folder",
    "group_weights",
    "inside_ball",
    "paired_differences",
    "read_metrics",
    "read_predictions",
    "reliability_bins",
    "resampled_metrics",
    "sign_flip_test",
    "worst_case_correct",
    "write_predictions",
]
