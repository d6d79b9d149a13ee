#!/usr/bin/env bash
# Lint, types and all tests, in the environment of scripts/setup.sh. Whatever follows is passed on to pytest:
#
#   bash scripts/test.sh
#   bash scripts/test.sh tests/attacks -k pgd
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/setup.sh --test

python=.venv/bin/python
"$python" -m ruff check .
"$python" -m ruff format --check .
"$python" -m mypy
# Two processes of one thread each: on small images threads get in each other's way.
export OMP_NUM_THREADS=1
exec "$python" -m pytest -n 2 "$@"
