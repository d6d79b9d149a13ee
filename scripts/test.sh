#!/usr/bin/env bash
# Lint, types, tests and their coverage, in the environment of scripts/setup.sh. Further arguments go to pytest:
#
#   bash scripts/test.sh                        all tests but the slow ones
#   bash scripts/test.sh --slow                 the slow ones, too
#   bash scripts/test.sh tests/attacks -k pgd
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/setup.sh --test

python=.venv/bin/python
"$python" -m ruff check .
"$python" -m ruff format --check .
"$python" -m mypy
# Two processes of one thread each: on small images threads get in each other's way. Each takes whole files, so that
# what the tests of a file share is made once.
export OMP_NUM_THREADS=1
markers="not slow and not gpu"
if [ "${1:-}" = --slow ]; then
  markers="not gpu"
  shift
fi
if [ $# != 0 ]; then
  exec "$python" -m pytest -n 2 --dist loadfile -m "$markers" "$@"
fi
"$python" -m pytest -n 2 --dist loadfile -m "$markers" --cov=custom --cov-report=
# What runs in processes of its own, such as the commands of the tests, is not counted.
printf 'Lines of custom/ that the tests ran: %s %%\n' "$("$python" -m coverage report --format=total)"
