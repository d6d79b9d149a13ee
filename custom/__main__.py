"""``python -m custom VERB ...``; see :mod:`custom.cli.verbs`."""

from __future__ import annotations

import sys

from custom.cli.verbs import main

if __name__ == "__main__":
    sys.exit(main())
