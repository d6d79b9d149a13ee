"""Adversarially robust medical image classification: what the bundle's configs compose beside MONAI."""

import os
import sys

# Libraries that this project starts report their use to their makers unless they are told not to.
for _name, _value in (
    ("MLFLOW_DISABLE_TELEMETRY", "true"),
    ("RAY_USAGE_STATS_ENABLED", "0"),
    ("GRADIO_ANALYTICS_ENABLED", "False"),
    ("HF_HUB_DISABLE_TELEMETRY", "1"),
):
    os.environ.setdefault(_name, _value)
if "mlflow" in sys.modules:
    # `python -m monai.bundle` imports MLflow first, which has read the environment by now but sent nothing yet.
    sys.modules["mlflow"].telemetry.set_telemetry_client()
