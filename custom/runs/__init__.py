"""What a training leaves: its folder, its files and their names, and reading them back."""

from custom.runs.config import read_config, require_trust, running_config, running_parser, write_config
from custom.runs.folder import claim, in_use, run_folder
from custom.runs.names import CHECKPOINT_NAME, CONFIG_NAME, MODEL_NAME
from custom.runs.run import Run

__all__ = [
    "CHECKPOINT_NAME",
    "CONFIG_NAME",
    "MODEL_NAME",
    "Run",
    "claim",
    "in_use",
    "read_config",
    "require_trust",
    "run_folder",
    "running_config",
    "running_parser",
    "write_config",
]
