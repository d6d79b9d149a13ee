#!/usr/bin/env bash
# Train a robust classifier with one command.
#
#   bash scripts/train.sh                      a small one on synthetic images, in minutes
#   bash scripts/train.sh --data DIR           the protocol of the paper on the images in DIR
#   bash scripts/train.sh --data DIR --quick   the small one on the images in DIR
#
# DIR is a prepared data set (with a datalist.json) or whatever scripts/prepare.py recognizes: HAM10000 as it is downloaded,
# folders of classes, a table of images and labels, ...
# Whatever follows overrides a value of bundle/configs/train.json: --method at --backbone mobilenet_v2 --resume
set -euo pipefail
start="$PWD"
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }

data=""
quick=""
overrides=()
while [ $# -gt 0 ]; do
  case "$1" in
    --data)
      [ $# -gt 1 ] || { say "error: --data needs a folder."; exit 2; }
      data="$2"
      shift
      ;;
    --data=*) data="${1#--data=}" ;;
    --quick) quick=yes ;;
    -h | --help) sed -n '2,/^set/{/^#/s/^# \{0,1\}//p;}' scripts/train.sh; exit 0 ;;
    *) overrides+=("$1") ;;
  esac
  shift
done
[ -n "$data" ] || quick=yes
case "$data" in "" | /*) ;; *) data="$start/$data" ;; esac

bash scripts/setup.sh
python=.venv/bin/python

if [ -z "$data" ]; then
  folder=data/synthetic
  if [ ! -f "$folder/datalist.json" ]; then
    say "Making synthetic images in $folder."
    "$python" scripts/make_synthetic.py --output "$folder" >&2
  fi
else
  folder="$("$python" scripts/prepare.py "$data" --into data)"
fi

configs="'bundle/configs/train.json'"
[ -z "$quick" ] || configs="$configs,'bundle/configs/quickstart.json'"
# Threads that wait for each other in a busy loop stall as soon as they have to share a core, be it with the loader.
export OMP_WAIT_POLICY="${OMP_WAIT_POLICY:-PASSIVE}"
# MLflow reports its use to its makers otherwise.
export MLFLOW_DISABLE_TELEMETRY="${MLFLOW_DISABLE_TELEMETRY:-true}"
exec "$python" -m custom.bundle run training --config_file "[$configs]" --dataset_dir "$folder" \
  ${overrides[@]+"${overrides[@]}"}
