#!/usr/bin/env bash
# Make the application's own Python environment, deploy/.venv, with the pinned versions; if it is there, do nothing.
#
#   bash deploy/setup.sh          what the application needs (deploy/requirements.txt; about 6 GB, most of it CUDA)
#   bash deploy/setup.sh --test   what its tests need, too
#
# PYTHON=/path/to/python chooses the interpreter (3.11 to 3.13); otherwise python3.11 is looked for.
set -euo pipefail
cd "$(dirname "$0")"

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }

packages=(-r requirements.txt)
case "${1:-}" in
  "") ;;
  --test) packages+=(pytest==9.2.0) ;;
  -h | --help) sed -n '2,/^set/{/^#/s/^# \{0,1\}//p;}' setup.sh; exit 0 ;;
  *) die "deploy/setup.sh takes no argument but --test, not '$1'." ;;
esac

# The stamp is written last, so that a half-made environment is finished by the next start.
stamp=.venv/installed
wanted="$(printf '%s ' "${packages[@]}" | cat - requirements.txt | cksum)"
if [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then exit 0; fi

python="${PYTHON:-python3.11}"
"$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null ||
  die "'$python' is no Python 3.11, 3.12 or 3.13: name one with PYTHON=/path/to/python."
if [ ! -x .venv/bin/pip ]; then
  say "Making the environment deploy/.venv with $("$python" --version 2>&1)."
  rm -rf .venv
  "$python" -m venv .venv >&2 || die "'$python -m venv deploy/.venv' failed: see above."
fi
say "Installing the pinned packages into deploy/.venv (the first time this takes some minutes)."
.venv/bin/python -m pip install -qq --disable-pip-version-check "${packages[@]}" >&2 ||
  die "the packages could not be installed: see pip's message above, then start the same command again."
printf '%s\n' "$wanted" >"$stamp"
say "The environment is ready."
