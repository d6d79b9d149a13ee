#!/usr/bin/env bash
# Make the project's Python environment, .venv, with the pinned versions; if it is there already, do nothing.
#
#   bash scripts/setup.sh          what training needs (requirements.txt)
#   bash scripts/setup.sh --test   what the tests need, too
#
# PYTHON=/path/to/python chooses the interpreter; otherwise the newest of Python 3.11 to 3.13 that is found.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }

purpose=train
requirements=(requirements.txt)
case "${1:-}" in
  "") ;;
  --test) purpose=test; requirements=(requirements{,-export,-notebooks,-dev,-oracles,-explorer}.txt) ;;
  -h | --help) sed -n '2,/^set/{/^#/s/^# \{0,1\}//p;}' scripts/setup.sh; exit 0 ;;
  *) die "scripts/setup.sh takes no argument but --test, not '$1'." ;;
esac

stamp=".venv/installed-for-$purpose"
unfinished=".venv/unfinished"
wanted="$(cat "${requirements[@]}" | cksum)"
fits() {
  command -v "$1" >/dev/null 2>&1 &&
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1
}

# What the stamp tells is read without starting Python: this is the way of every start but the first.
if [ -x .venv/bin/python ] && [ ! -e "$unfinished" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
  exit 0
fi

if [ -e .venv ] && { [ -e "$unfinished" ] || ! fits .venv/bin/python; }; then
  say "The environment .venv is half-made, or of another Python version: making it again."
  rm -rf .venv
fi

if [ ! -e .venv ]; then
  python=""
  if [ -n "${PYTHON:-}" ]; then
    fits "$PYTHON" || die "PYTHON=$PYTHON is not a Python 3.11, 3.12 or 3.13."
    python="$PYTHON"
  else
    for candidate in python3.13 python3.12 python3.11 python3 python; do
      if fits "$candidate"; then python="$candidate"; break; fi
    done
    [ -n "$python" ] || die "no Python 3.11, 3.12 or 3.13 was found: install one, or name it with PYTHON=/path/to/python."
  fi
  say "Making the environment .venv with $("$python" --version 2>&1)."
  mkdir .venv && : >"$unfinished"
  "$python" -m venv .venv >&2 || {
    rm -rf .venv
    die "'$python -m venv .venv' failed: see above (on Debian and Ubuntu the package python3-venv may be missing)."
  }
fi

say "Installing the pinned packages into .venv (the first time this takes some minutes)."
# The mark stays when this is killed in the middle; when pip gives up by itself, what is there is whole.
: >"$unfinished"
install() {
  # Of pip's many lines those that show its progress, and its errors.
  .venv/bin/python -m pip install --progress-bar off --disable-pip-version-check "$@" 2>&1 | sed -un >&2 \
    -e 's/^Collecting \([^ ]*\).*/  getting \1/p' -e 's/^Installing collected.*/  installing all of them/p' -e '/^ERROR/p' || {
    rm -f "$unfinished"
    die "the packages could not be installed: see pip's message above, then start the same command again."
  }
}
if [ "$purpose" = test ]; then
  install -r requirements-dev.txt
  # These pin versions of packages that they share with the run-time ones, and work without.
  install --no-deps -r requirements-oracles.txt -r requirements-explorer.txt
  cksum <requirements.txt >.venv/installed-for-train
else
  install -r requirements.txt
fi
rm -f "$unfinished"
printf '%s\n' "$wanted" >"$stamp"
say "The environment is ready."
