#!/usr/bin/env bash
# Train a robust classifier with one command.
#
#   bash scripts/train.sh                      a small one on synthetic images, in minutes, and its report
#   bash scripts/train.sh --example volume     a small 3-D one on synthetic CT volumes, and its report
#   bash scripts/train.sh --data DIR           the protocol of the paper on the images in DIR
#   bash scripts/train.sh --data DIR --quick   the small one on the images in DIR
#   bash scripts/train.sh --dry-run            what would run, and about how long
#
# DIR is a prepared data set (with a datalist.json) or whatever scripts/prepare.py recognizes: HAM10000 as it is downloaded,
# folders of classes, a table of images and labels, ...
# Whatever follows overrides a value of bundle/configs/train.json: --method at --backbone mobilenet_v2 --resume
set -euo pipefail
start="$PWD"
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }

arguments=()
while [ $# -gt 0 ]; do
  case "$1" in
    --data)
      [ $# -gt 1 ] || { say "error: --data needs a folder."; exit 2; }
      set -- "--data=$2" "${@:3}"
      continue
      ;;
    --data=/*) arguments+=("$1") ;;
    --data=*) arguments+=("--data=$start/${1#--data=}") ;;
    -h | --help) sed -n '2,/^set/{/^#/s/^# \{0,1\}//p;}' scripts/train.sh; exit 0 ;;
    *) arguments+=("$1") ;;
  esac
  shift
done

bash scripts/setup.sh
exec .venv/bin/python -m custom train ${arguments[@]+"${arguments[@]}"}
