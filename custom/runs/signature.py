"""The signature by which a run is recognized as one that was trained here, by the same user."""

from __future__ import annotations

import contextlib
import hmac
import os
import secrets
from pathlib import Path

from custom.runs.names import CONFIG_NAME, SIGNATURE_NAME


def signature(content: bytes) -> bytes | None:
    """Sign a config with the secret of this user on this machine, which is made at the first training.

    Args:
        content: the file's.

    Returns:
        The HMAC-SHA256 in hexadecimal digits; ``None`` if no secret can be kept here.
    """
    secret = _secret()
    return None if secret is None else hmac.digest(secret, content, "sha256").hex().encode()


def is_signed(folder: Path) -> bool:
    """Whether a run's config is as a training of this user on this machine has written it.

    Args:
        folder: the run's folder, wherever it was moved to.
    """
    try:
        written = (folder / SIGNATURE_NAME).read_bytes().strip()
        expected = signature((folder / CONFIG_NAME).read_bytes())
    except OSError:
        return False
    return expected is not None and hmac.compare_digest(written, expected)


def secret_path() -> Path:
    """Where the secret is kept: in the user's folder for what programs have to remember."""
    state = os.environ.get("XDG_STATE_HOME")
    return (Path(state) if state else Path.home() / ".local" / "state") / "robust-classification" / "secret"


def _secret() -> bytes | None:
    try:
        path = secret_path()
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(FileExistsError):
                descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(descriptor, "wb") as file:
                    file.write(secrets.token_bytes(32))
        secret = path.read_bytes()
    except (OSError, RuntimeError):  # no home, or one that cannot be written
        return None
    return secret if len(secret) == 32 else None
