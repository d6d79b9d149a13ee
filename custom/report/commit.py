"""The state of the code that made a result."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def present_commit() -> str:
    """The abbreviated commit of this code, or ``"unknown"`` where it is not in a Git repository."""
    try:
        answer = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return "unknown"
    return answer.stdout.strip() or "unknown"
