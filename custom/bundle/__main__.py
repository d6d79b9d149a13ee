"""``python -m custom.bundle``: the command line of ``python -m monai.bundle``, with errors in one sentence.

MONAI reads configs and overrides before it runs anything of theirs, so that what is wrong with those ends in
a traceback. Started from here they are checked before.
"""

from __future__ import annotations

import importlib.util
import logging
import runpy
import sys
import warnings

from custom.bundle.checks import check_command_line

if __name__ == "__main__":
    specification = importlib.util.find_spec("monai.bundle.__main__")
    sys.argv[0] = str(specification and specification.origin)
    # MONAI lists the arguments, and warns of running the configs of others, at length.
    warnings.filterwarnings("ignore", message="parsing config_file", category=UserWarning)
    for name in ("monai.bundle.scripts", "monai.bundle.workflows"):
        logging.getLogger(name).setLevel(logging.WARNING)
    check_command_line()
    runpy.run_module("monai.bundle", run_name="__main__", alter_sys=True)
