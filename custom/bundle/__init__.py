"""What a bundle's configs need around a training: its command line, its folder, its errors."""

from custom.bundle.checks import check_command_line, preflight
from custom.bundle.command_line import CommandLine, resolved_config
from custom.bundle.errors import make_errors_readable, readable_errors
from custom.bundle.overrides import check_overrides

__all__ = [
    "CommandLine",
    "check_command_line",
    "check_overrides",
    "make_errors_readable",
    "preflight",
    "readable_errors",
    "resolved_config",
]
