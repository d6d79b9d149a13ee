"""Evaluation of a classifier, clean and under attack, from predictions to a folder of results."""

from custom.evaluation.attack_runner import AttackRunner
from custom.evaluation.corruption_benchmark import CorruptionBenchmark
from custom.evaluation.evaluation import Evaluation
from custom.evaluation.fingerprint import describe_attack, file_hash, fingerprint, network_hash
from custom.evaluation.predict import predict
from custom.evaluation.prediction_recorder import PredictionRecorder
from custom.evaluation.radius_curve import RadiusCurve
from custom.evaluation.record_in_mlflow import record_in_mlflow
from custom.evaluation.robustness_checks import Check, RobustnessChecks
from custom.evaluation.select_attacks import SelectedAttack, select_attacks
from custom.evaluation.subgroups import Subgroups
from custom.evaluation.transfer_attack import TransferAttack

__all__ = [
    "AttackRunner",
    "Check",
    "CorruptionBenchmark",
    "Evaluation",
    "PredictionRecorder",
    "RadiusCurve",
    "RobustnessChecks",
    "SelectedAttack",
    "Subgroups",
    "TransferAttack",
    "describe_attack",
    "file_hash",
    "fingerprint",
    "network_hash",
    "predict",
    "record_in_mlflow",
    "select_attacks",
]
