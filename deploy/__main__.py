"""`python -m deploy -i INPUT -o OUTPUT -m BUNDLE`, and what a container starts as `python deploy`."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

if not __package__:
    # Started as a folder, under whatever name: it still is the package `deploy`, and its modules are no others.
    _folder = Path(__file__).resolve().parent
    sys.path.pop(0)
    _spec = importlib.util.spec_from_file_location(
        "deploy", _folder / "__init__.py", submodule_search_locations=[str(_folder)]
    )
    assert _spec is not None
    assert _spec.loader is not None
    sys.modules["deploy"] = importlib.util.module_from_spec(_spec)
    _spec.loader.exec_module(sys.modules["deploy"])

from deploy.process import prepare_process

_ENVIRONMENT = Path(__file__).resolve().parent


def start() -> int:
    """Run the command and return its exit code."""
    if not all(importlib.util.find_spec(name) is not None for name in ("torch", "monai", "holoscan")):
        made = _ENVIRONMENT / ".venv" / "bin" / "python"
        cure = f"start it with `{made}`" if made.is_file() else f"run `bash {_ENVIRONMENT / 'setup.sh'}` first"
        print(f"error: {sys.executable} does not have the application's packages: {cure}.", file=sys.stderr)
        return 1
    prepare_process()
    from deploy.command import main

    return main(sys.argv)


if __name__ == "__main__":
    sys.exit(start())
