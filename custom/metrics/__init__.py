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

__all__ = [
    "LESS_IS_BETTER",
    "WITHOUT_INTERVAL",
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
    "group_weights",
    "paired_differences",
    "reliability_bins",
    "resampled_metrics",
    "sign_flip_test",
]
