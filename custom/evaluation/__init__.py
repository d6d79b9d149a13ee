"""Evaluation of a classifier, clean and under attack, from predictions to a folder of results."""

from custom.evaluation.evaluation import Evaluation
from custom.evaluation.fingerprint import describe_attack, file_hash, fingerprint, network_hash
from custom.evaluation.predict import predict
from custom.evaluation.prediction_recorder import PredictionRecorder
from custom.evaluation.robustness_checks import Check, RobustnessChecks
from custom.evaluation.select_attacks import select_attacks

__all__ = [
    "Check",
    "Evaluation",
    "PredictionRecorder",
    "RobustnessChecks",
    "describe_attack",
    "file_hash",
    "fingerprint",
    "network_hash",
    "predict",
    "select_attacks",
]
