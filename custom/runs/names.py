"""Names of the files in a run's folder."""

CONFIG_NAME = "config.json"
"""The resolved config of the training, with all overrides."""

SIGNATURE_NAME = ".signature"
"""Of `CONFIG_NAME`: it shows that a training of the same user on the same machine wrote it."""

CHECKPOINT_NAME = "checkpoint.pt"
"""All that a training needs to resume, of its last finished epoch."""

MODEL_NAME = "model.pt"
"""The weights of the best epoch, with their card."""

HISTORY_NAME = "history.csv"
"""The metrics of every epoch."""

TIMES_NAME = "times.csv"
"""The time that the training of every epoch took."""

LEARNING_CURVES_NAME = "learning_curves.png"
MODEL_CARD_NAME = "model_card.md"
MLFLOW_NAME = "mlflow_run.json"
EVALUATION_NAME = "evaluation"
"""Folder of the results of an evaluation."""

LOCK_NAME = ".lock"
"""Locked by the process that trains in the folder."""
