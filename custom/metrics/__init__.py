"""Metrics of a classifier, their bootstrap intervals, and paired tests between two classifiers."""

from custom.metrics.bootstrap import Interval, bootstrap_intervals, group_weights
from custom.metrics.calibration import ReliabilityBins, expected_calibration_error, reliability_bins
from custom.metrics.classification import check_predictions, classification_metrics
from custom.metrics.paired import McNemar, PairedDifference, mcnemar, paired_differences
from custom.metrics.predictions import Predictions
from custom.metrics.resampled import resampled_metrics

__all__ = [
    "Interval",
    "McNemar",
    "PairedDifference",
    "Predictions",
    "ReliabilityBins",
    "bootstrap_intervals",
    "check_predictions",
    "classification_metrics",
    "expected_calibration_error",
    "group_weights",
    "mcnemar",
    "paired_differences",
    "reliability_bins",
    "resampled_metrics",
]
