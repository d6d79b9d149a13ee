"""``python -m custom.bundle``; see :mod:`custom.cli.bundle`."""

from __future__ import annotations

import sys

from custom.cli.bundle import run_bundle

if __name__ == "__main__":
    run_bundle(sys.argv[1:])
