"""The list of files that are too large for the Model Zoo's repository."""

from __future__ import annotations

import json
from pathlib import Path

from custom.evaluation.fingerprint import file_hash

LIMIT = 25_000_000
"""Bytes that a file may have there."""


def write_large_files(bundle: Path, url: str | None = None, limit: int = LIMIT) -> list[str]:
    """Write ``large_files.yml`` if a bundle has files that are too large; else nothing.

    Args:
        bundle: the bundle's folder.
        url: where these files will be: an address that their names are added to. Without one, a word stands in the
            place of each address.
        limit: largest size of other files, in bytes.

    Returns:
        The large files' paths in the bundle.
    """
    large = [path for path in sorted(bundle.rglob("*")) if path.is_file() and path.stat().st_size > limit]
    names = [path.relative_to(bundle).as_posix() for path in large]
    lines = ["large_files:"]
    for path, name in zip(large, names, strict=True):
        address = f"{url.rstrip('/')}/{path.name}" if url else f"url-of-{path.name}"
        # Text in JSON's quotes is YAML, too.
        lines += [
            f"  - path: {json.dumps(name)}",
            f"    url: {json.dumps(address)}",
            f'    hash_val: "{file_hash(path)}"',
            '    hash_type: "sha256"',
        ]
    if names:
        (bundle / "large_files.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return names
