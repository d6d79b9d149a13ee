"""The command line: its values, its verbs, and errors in one sentence.

Nothing here imports PyTorch, MONAI or MLflow before it is needed, so that a mistyped command is answered at once.
"""

from custom.cli.checks import check_command_line, preflight, quiet_readers
from custom.cli.command_line import CommandLine
from custom.cli.environment import require_packages
from custom.cli.errors import make_errors_readable, readable_errors
from custom.cli.overrides import check_overrides
from custom.cli.values import check_values

__all__ = [
    "CommandLine",
    "check_command_line",
    "check_overrides",
    "check_values",
    "make_errors_readable",
    "preflight",
    "quiet_readers",
    "readable_errors",
    "require_packages",
]
