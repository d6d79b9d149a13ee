"""Ignite handlers: what ties attacks, radii and losses to MONAI's stock engines."""

from custom.handlers.adversarial_examples import AdversarialExamples, Examples, Statistic
from custom.handlers.chance_warning import ChanceWarning
from custom.handlers.checkpoint import ResumableCheckpoint
from custom.handlers.early_stop import EarlyStopAfterWarmUp
from custom.handlers.epoch_seed import EpochSeed
from custom.handlers.epoch_times import EpochTimes
from custom.handlers.epsilon_schedule import EpsilonSchedule
from custom.handlers.fair_weight_averaging import FairWeightAveraging
from custom.handlers.finite_loss import FiniteLoss
from custom.handlers.history import History
from custom.handlers.learning_curves import LearningCurves
from custom.handlers.learning_rate_schedule import LearningRateSchedule
from custom.handlers.mlflow_run import MLflowRun
from custom.handlers.model_card import ModelCard
from custom.handlers.named_handlers import NamedHandlers
from custom.handlers.progress import TrainingProgress
from custom.handlers.run_record import RunRecord
from custom.handlers.statistics import AdversarialStatistics
from custom.handlers.validation import ValidationAfterEpochs
from custom.handlers.warm_up import WarmUpHandler
from custom.handlers.weight_averaging import WeightAveraging
from custom.handlers.weight_perturbation import AdversarialWeightPerturbation

__all__ = [
    "AdversarialExamples",
    "AdversarialStatistics",
    "AdversarialWeightPerturbation",
    "ChanceWarning",
    "EarlyStopAfterWarmUp",
    "EpochSeed",
    "EpochTimes",
    "EpsilonSchedule",
    "Examples",
    "FairWeightAveraging",
    "FiniteLoss",
    "History",
    "LearningCurves",
    "LearningRateSchedule",
    "MLflowRun",
    "ModelCard",
    "NamedHandlers",
    "ResumableCheckpoint",
    "RunRecord",
    "Statistic",
    "TrainingProgress",
    "ValidationAfterEpochs",
    "WarmUpHandler",
    "WeightAveraging",
]
